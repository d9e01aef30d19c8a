import type { HttpProxy } from "./proxy_variables.ts";
import { ConnectionError, type HttpResponse } from "./types.ts";

/**
 * What people can make of the words that Deno, Node and their TLS libraries have for a connection
 * that failed, and whether it stays so until somebody changes something. The first pattern that
 * matches counts.
 */
const EXPLANATIONS: readonly (readonly [RegExp, string, "permanent"?])[] = [
  [
    /certificate ?required/i,
    "it asks for a client certificate; set MCP_CLIENT_CERT_FILE and MCP_CLIENT_KEY_FILE",
    "permanent",
  ],
  [/alert.{0,80}(certificate|unknown ?ca)/i, "it refuses the client certificate", "permanent"],
  [
    /CaUsedAsEndEntity/,
    "it uses the certificate of an authority (CA:TRUE) as its own, which Deno does not accept; give the " +
    "server a certificate with CA:FALSE (openssl req -x509 -addext basicConstraints=critical,CA:FALSE …), " +
    "or run the proxy on Node (npx mcp-oauth-proxy), which accepts it if MCP_CA_FILE names it",
    "permanent",
  ],
  [
    /UnknownIssuer|unable to (get|verify).*certificate|self[- ]signed certificate/i,
    "its certificate is from an authority that this machine does not trust; if it is your company's, " +
    "set MCP_CA_FILE to the authority's certificate (PEM)",
    "permanent",
  ],
  [
    /certificate (has )?expired/i,
    "its certificate has expired",
    "permanent",
  ],
  [
    /certificate not valid yet|CERT_NOT_YET_VALID/i,
    "its certificate is not valid yet; check this machine's clock",
    "permanent",
  ],
  [
    /not valid for name|ERR_TLS_CERT_ALTNAME_INVALID/i,
    "its certificate is for another host name",
    "permanent",
  ],
  [
    /InvalidContentType|wrong version number|packet length too long|http request/i,
    "it does not speak TLS at this port; should the URL begin with http://?",
    "permanent",
  ],
  [
    /proxy authentication required/i,
    "the proxy requires a user name and a password; put them into its URL",
    "permanent",
  ],
  [/unsuccessful tunnel/i, "the proxy refuses this connection"],
  [
    /ECONNREFUSED|connection refused|actively refused/i,
    "connection refused; no program listens at this address",
  ],
  [
    /EAI_AGAIN|temporary failure/i,
    "unknown host for now; check the URL and the network of this machine",
  ],
  [
    /ENOTFOUND|EAI_|ENODATA|dns error|lookup address/i,
    "unknown host; check the URL and the network of this machine",
    "permanent",
  ],
  [/ETIMEDOUT|timed out/i, "the connection timed out"],
  [/EHOSTUNREACH|ENETUNREACH|unreachable/i, "no route to it from this network"],
  [
    /TLS connection was established|tls handshake eof/i,
    "it closed the connection during the TLS handshake; it may want a client " +
    "certificate (MCP_CLIENT_CERT_FILE)",
  ],
  [/aborted$|reading a body/i, "it closed the connection before the end of its answer"],
  [
    /ECONNRESET|EPIPE|ECONNABORTED|reset by peer|broken pipe|socket hang up|connection closed|close_notify/i,
    "it closed the connection without an answer",
  ],
  [/^Parse Error|^HPE_|invalid HTTP/i, "its answer is not HTTP"],
];

/** The server's TLS turns the client away; what follows a handshake that failed is not read. */
const TURNED_AWAY = /alert.{0,80}(certificate|unknown ?ca|handshake|access ?denied)/i;

/**
 * The error for a connection that failed: one line that has the server as its subject.
 *
 * @param failure what the runtime said, its error code in front of it if there is one
 * @param reachedServer whether the server can have the request, as far as the runtime knows
 * @param proxy what the connection was to go through
 */
export function connectionError(
  failure: string,
  reachedServer: boolean,
  proxy?: HttpProxy,
): ConnectionError {
  const words = failure.replace(/\s+/g, " ").trim();
  const found = EXPLANATIONS.find(([pattern]) => pattern.test(words));
  // The words of the runtime help who looks them up, and tell apart what the table does not.
  const what = found ? `${found[1]} (${words})` : words;
  const way = proxy ? `; through the proxy ${proxy.url.href} (${proxy.variable})` : "";
  return new ConnectionError(
    what + way,
    reachedServer && !TURNED_AWAY.test(words),
    found?.[2] === "permanent",
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
  response.text().catch(() => {}); // Frees the connection.
  throw connectionError("407 proxy authentication required", false, proxy);
}
