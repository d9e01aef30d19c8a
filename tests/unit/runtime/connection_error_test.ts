import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { connectionError, refuseProxyChallenge } from "../../../src/runtime/connection_error.ts";
import { ConnectionError } from "../../../src/runtime/types.ts";

/** What users read, and what Deno and Node say when it happens (as seen with Deno 2.9, Node 20 to 24). */
const EXPLAINED: Readonly<Record<string, readonly string[]>> = {
  "set MCP_CA_FILE": [
    "invalid peer certificate: UnknownIssuer",
    "SELF_SIGNED_CERT_IN_CHAIN: self-signed certificate in certificate chain",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE: unable to verify the first certificate",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unable to get local issuer certificate",
  ],
  "its certificate is self-signed": ["DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate"],
  "has expired": [
    "invalid peer certificate: certificate expired: verification time 1 (UNIX), but",
    "CERT_HAS_EXPIRED: certificate has expired",
  ],
  "Check this machine's clock": [
    "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but",
    "CERT_NOT_YET_VALID: certificate is not yet valid",
  ],
  "is for another host name": [
    'invalid peer certificate: certificate not valid for name "a"; certificate is only valid for',
    "ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames: IP: ::1",
  ],
  "asks for a client certificate": [
    "received fatal alert: CertificateRequired",
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: tlsv13 alert certificate required",
  ],
  "it refuses the client certificate": [
    "received fatal alert: BadCertificate",
    "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: sslv3 alert bad certificate",
    "received fatal alert: UnknownCA",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: tlsv1 alert unknown ca",
  ],
  "does not speak TLS": [
    "received corrupt message of type InvalidContentType",
    "write EPROTO wrong version number",
  ],
  "connection refused; no program listens": [
    "tcp connect error: Connection refused (os error 111)",
    "connect ECONNREFUSED 127.0.0.1:1",
  ],
  "unknown host": [
    "dns error: failed to lookup address information: Name or service not known",
    "getaddrinfo ENOTFOUND nope.invalid",
    "getaddrinfo EAI_AGAIN nope.invalid",
  ],
  "closed the connection without an answer": [
    "connection closed before message completed",
    "Connection reset by peer (os error 104)",
    "peer closed connection without sending TLS close_notify: https://docs.rs/…",
    "ECONNRESET: socket hang up",
    "read ECONNRESET",
    "write EPIPE",
  ],
  "during the TLS handshake": [
    "tls handshake eof",
    "ECONNRESET: Client network socket disconnected before secure TLS connection was established",
  ],
  "the proxy requires a user name": ["proxy authentication required"],
  "the proxy refuses": ["unsuccessful tunnel", "unsuccessful tunnel: 503 No"],
  "its answer is not HTTP": [
    "invalid HTTP version parsed",
    "HPE_INVALID_CONSTANT: Parse Error: Expected HTTP/, RTSP/ or ICE/",
  ],
};

for (const [line, failures] of Object.entries(EXPLAINED)) {
  Deno.test(`"${line}" is what users read of it on Deno and on Node`, () => {
    for (const failure of failures) {
      const { message } = connectionError(failure, false);
      assertStringIncludes(message, line);
      assertStringIncludes(message, `(${failure})`);
    }
  });
}

Deno.test("an unknown error is shown in one line", () => {
  assertEquals(connectionError("\nwhat is\n this?\n", true).message, "what is this?");
});

Deno.test("a client that TLS refused has not reached the server", () => {
  assertEquals(connectionError("alert certificate required", true).reachedServer, false);
  assertEquals(connectionError("read ECONNRESET", true).reachedServer, true);
});

Deno.test("the error names the HTTP proxy, without its credentials", () => {
  const proxy = {
    variable: "HTTPS_PROXY",
    url: new URL("http://proxy.test:3128/"),
    credentials: { username: "user", password: "secret" },
  };
  assertEquals(
    connectionError("unsuccessful tunnel", false, proxy).message,
    "the proxy refuses this connection (unsuccessful tunnel); " +
      "through the proxy http://proxy.test:3128/ (HTTPS_PROXY)",
  );
  const challenge = new Response("who are you?", { status: 407 });
  const target = new URL("http://a.test/");
  const error = assertThrows(() => refuseProxyChallenge(challenge, target, proxy), ConnectionError);
  assertEquals((error as ConnectionError).reachedServer, false);
  assertEquals(challenge.bodyUsed, true);
});

Deno.test("407 is the server's answer if there is no proxy, or only a tunnel", () => {
  const answer = new Response("odd", { status: 407 });
  assertEquals(refuseProxyChallenge(answer, new URL("http://a.test/"), undefined), answer);
  const proxy = { variable: "HTTPS_PROXY", url: new URL("http://proxy.test:3128/") };
  assertEquals(refuseProxyChallenge(answer, new URL("https://a.test/"), proxy), answer);
});
