import type { Explanation } from "../errors.ts";
import type { HttpProxy } from "./proxy_variables.ts";
import { ConnectionError, type HttpResponse } from "./types.ts";

/**
 * What people can make of the words that Deno, Node and their TLS libraries have for a connection
 * that failed, and whether it stays so until somebody changes something. The first pattern that
 * matches counts.
 */
const EXPLANATIONS: readonly (Explanation & {
  readonly pattern: RegExp;
  readonly isPermanent?: boolean;
})[] = [
  {
    pattern: /certificate ?required/i,
    problem: "it asks for a client certificate",
    hint: "Set MCP_CLIENT_CERT_FILE and MCP_CLIENT_KEY_FILE",
    isPermanent: true,
  },
  {
    pattern: /alert.{0,80}(certificate|unknown ?ca)/i,
    problem: "it refuses the client certificate",
    hint: "Check MCP_CLIENT_CERT_FILE and MCP_CLIENT_KEY_FILE",
    isPermanent: true,
  },
  {
    pattern: /CaUsedAsEndEntity/,
    problem: "it uses the certificate of an authority (CA:TRUE) as its own, which Deno does not " +
      "accept",
    hint: "Give the server a certificate with CA:FALSE (openssl req -x509 -addext " +
      "basicConstraints=critical,CA:FALSE …), or run the proxy on Node (npx mcp-oauth-proxy), " +
      "which accepts it if MCP_CA_FILE names it",
    isPermanent: true,
  },
  {
    pattern: /DEPTH_ZERO_SELF_SIGNED_CERT/,
    problem: "its certificate is self-signed, and this machine does not trust it",
    hint: "If the server is yours, set MCP_CA_FILE to a file with this certificate (PEM)",
    isPermanent: true,
  },
  {
    pattern: /UnknownIssuer|unable to (get|verify).*certificate|self[- ]signed certificate/i,
    problem: "its certificate is from an authority that this machine does not trust",
    hint:
      "If it is your company's, set MCP_CA_FILE to a file with the authority's certificate (PEM)",
    isPermanent: true,
  },
  {
    pattern: /certificate (has )?expired/i,
    problem: "its certificate has expired",
    isPermanent: true,
  },
  {
    pattern: /certificate not valid yet|CERT_NOT_YET_VALID/i,
    problem: "its certificate is not valid yet",
    hint: "Check this machine's clock",
    isPermanent: true,
  },
  {
    pattern: /not valid for name|ERR_TLS_CERT_ALTNAME_INVALID/i,
    problem: "its certificate is for another host name",
    isPermanent: true,
  },
  {
    pattern: /InvalidContentType|wrong version number|packet length too long|http request/i,
    problem: "it does not speak TLS at this port",
    hint: "Check whether the URL should begin with http://",
    isPermanent: true,
  },
  {
    pattern: /proxy authentication required/i,
    problem: "the proxy requires a user name and a password",
    hint: "Put them into its URL",
    isPermanent: true,
  },
  { pattern: /unsuccessful tunnel/i, problem: "the proxy refuses this connection" },
  {
    pattern: /ECONNREFUSED|connection refused|actively refused/i,
    problem: "connection refused; no program listens at this address",
  },
  {
    pattern: /EAI_AGAIN|temporary failure/i,
    problem: "unknown host (a temporary failure)",
    hint: "Check the URL and the network of this machine",
  },
  {
    pattern: /ENOTFOUND|EAI_|ENODATA|dns error|lookup address/i,
    problem: "unknown host",
    hint: "Check the URL and the network of this machine",
    isPermanent: true,
  },
  { pattern: /ETIMEDOUT|timed out/i, problem: "the connection timed out" },
  {
    pattern: /EHOSTUNREACH|ENETUNREACH|unreachable/i,
    problem: "no route to it from this network",
  },
  {
    pattern: /TLS connection was established|tls handshake eof/i,
    problem: "it closed the connection during the TLS handshake",
    hint: "If it requires a client certificate, set MCP_CLIENT_CERT_FILE",
  },
  {
    pattern: /aborted$|reading a body/i,
    problem: "it closed the connection before the end of its answer",
  },
  {
    pattern:
      /ECONNRESET|EPIPE|ECONNABORTED|reset by peer|broken pipe|socket hang up|connection closed|close_notify/i,
    problem: "it closed the connection without an answer",
  },
  { pattern: /^Parse Error|^HPE_|invalid HTTP/i, problem: "its answer is not HTTP" },
];

/** The server's TLS turns the client away; what follows a handshake that failed is not read. */
const TURNED_AWAY = /alert.{0,80}(certificate|unknown ?ca|handshake|access ?denied)/i;

/**
 * The error for a connection that failed: one line that has the server as its subject.
 *
 * @param failure what the runtime said, its error code in front of it if there is one
 * @param reachedServer whether the server can have the request, as far as the runtime knows
 * @param proxy what the connection was to go through
 * @param cause what the runtime threw
 */
export function connectionError(
  failure: string,
  reachedServer: boolean,
  proxy?: HttpProxy,
  cause?: unknown,
): ConnectionError {
  const words = failure.replace(/\s+/g, " ").trim();
  const found = EXPLANATIONS.find(({ pattern }) => pattern.test(words));
  // The words of the runtime help who looks them up, and tell apart what the table does not.
  const what = found ? `${found.problem} (${words})` : words;
  const way = proxy ? `; through the proxy ${proxy.url.href} (${proxy.variable})` : "";
  return new ConnectionError(
    { problem: what + way, hint: found?.hint },
    reachedServer && !TURNED_AWAY.test(words),
    found?.isPermanent,
    cause,
  );
}

/**
 * Passes a response on, unless it is the proxy's: 407 (RFC 9110 section 15.5.8), if no tunnel
 * leads past the proxy.
 *
 * @throws {ConnectionError} if the proxy asks for credentials
 */
export function refuseProxyChallenge(
  response: HttpResponse,
  target: URL,
  proxy: HttpProxy | undefined,
): HttpResponse {
  if (response.status !== 407 || !proxy || target.protocol === "https:") return response;
  discard(response).catch(() => {}); // Frees the connection.
  throw connectionError("407 proxy authentication required", false, proxy);
}

/** Bytes of a body that nobody needs. */
const MAX_DISCARDED = 1 << 16;

/** Reads a short body to its end, and closes the connection of a long one. */
async function discard({ body }: HttpResponse): Promise<void> {
  let size = 0;
  for await (const chunk of body ?? []) if ((size += chunk.length) > MAX_DISCARDED) return;
}
