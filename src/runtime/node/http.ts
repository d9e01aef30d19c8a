import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Text } from "../../json/text.ts";
import { explainBodyErrors } from "../body_errors.ts";
import { connectionError, refuseProxyChallenge } from "../connection_error.ts";
import { CONNECT_TIMEOUT } from "../../limits.ts";
import { connectTimeoutError } from "../connect_timeout.ts";
import { beforeReuse } from "../kept_connections.ts";
import { builtin } from "./builtins.ts";
import { decoded } from "./decoding.ts";
import { createRoutes, PROBE_AFTER, type Route } from "./routes.ts";
import { secureContext } from "./trust.ts";
import { type HttpProxy, readProxyVariables } from "../proxy_variables.ts";
import type { HttpClient, HttpOptions, HttpRequest, HttpResponse } from "../types.ts";

const { Buffer } = builtin("node:buffer");
const process = builtin("node:process");

/**
 * Creates an HTTP client on `node:http`: Node's `fetch` gives up on an answer after 300 s, which is
 * less than a tool may take, and does not tell whether a request that failed was sent.
 *
 * @param connections whether a connection is used for more than one request
 * @throws {Error} if the certificates or the key cannot be used, in one line for the user
 */
export function nodeHttp(options: HttpOptions = {}, connections = { keepAlive: true }): HttpClient {
  const routes = createRoutes({ ...connections, secureContext: secureContext(options) });
  const ready = beforeReuse(routes.dropIdle);
  const proxyFor = readProxyVariables((name) => process.env[name], ["http:", "https:"]);
  const { connectTimeout = CONNECT_TIMEOUT } = options;
  return async (request) => {
    const target = new URL(request.url);
    const proxy = proxyFor(target);
    const turn = ready();
    if (turn) await turn;
    const route = routes.to(target, proxy);
    const sender = route instanceof Promise ? await route : route;
    const response = await send(request, sender, proxy, connectTimeout);
    return refuseProxyChallenge(response, target, proxy);
  };
}

function send(
  { method, headers, body, signal }: HttpRequest,
  { request, options }: Route,
  proxy: HttpProxy | undefined,
  connectTimeout: number,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const sent = request({
      ...options,
      method,
      headers: { ...headers, ...lengthOf(body), ...options.headers },
    });
    let reached = () => false;
    const late = setTimeout(() => {
      sent.destroy();
      reject(connectTimeoutError(connectTimeout, proxy));
    }, connectTimeout);
    const connected = () => clearTimeout(late);
    const abort = () => {
      sent.destroy();
      reject(signal?.reason); // At once: a request that has no connection yet would stay silent.
    };
    signal?.addEventListener("abort", abort, { once: true });
    sent.once("close", () => {
      clearTimeout(late);
      signal?.removeEventListener("abort", abort);
    });
    sent.once("socket", (socket: Socket) => {
      // The agent's limit is for idle connections; a tool may be silent for any time.
      socket.setTimeout(0);
      socket.setKeepAlive(true, PROBE_AFTER);
      reached = whetherReached(sent, socket, connected);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      reject(connectionError(describe(error), reached(), proxy, error));
    });
    // Without a listener, Node closes the connection and reports nothing.
    sent.once("upgrade", (_response, socket) => {
      socket.destroy();
      reject(connectionError("it answered 101 Switching Protocols, which was not requested", true));
    });
    sent.once("response", (response) => {
      resolve(explainBodyErrors(responseOf(response), describe, signal));
    });
    if (typeof body === "string" && !isAscii(headers)) sent.end(Buffer.from(body));
    else if (typeof body !== "object") sent.end(body);
    else {
      for (const piece of body.pieces) sent.write(piece);
      sent.end();
    }
  });
}

/**
 * Tells whether the server can have received a request that failed.
 *
 * @param onConnected called when the connection is established, including TLS
 */
function whetherReached(
  sent: ClientRequest,
  socket: Socket,
  onConnected: () => void,
): () => boolean {
  let connected = !socket.connecting && !isShakingHands(socket);
  if (connected) onConnected();
  else {
    const event = "encrypted" in socket ? "secureConnect" : "connect";
    socket.once(event, () => {
      connected = true;
      onConnected();
    });
  }
  // No server can have acted on a body that was not sent completely.
  return () => connected && sent.writableFinished;
}

function isShakingHands(socket: Socket): boolean {
  return "encrypted" in socket && (socket as TLSSocket & { secureConnecting: boolean })
    .secureConnecting;
}

/** Without this, Node encodes the headers together with a body of text, in UTF-8. */
function isAscii(headers: Readonly<Record<string, string>>): boolean {
  return Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value));
}

/** Without it, Node sends the body in chunks, which some servers do not accept. */
function lengthOf(body: Text | undefined): Record<string, string> {
  if (body === undefined) return {};
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  return { "content-length": String(length) };
}

function responseOf(response: IncomingMessage): HttpResponse {
  const body = decoded(response);
  // The reader of the body gets the error; without a reader, it must not end the process.
  body.on("error", () => {});
  return {
    status: response.statusCode ?? 0, // Only requests have none.
    headers: {
      get(name) {
        const value = response.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
      getSetCookie: () => response.headers["set-cookie"] ?? [],
    },
    body,
    // By its events: to iterate over a stream costs more than all that a small answer is.
    text() {
      return new Promise((resolve, reject) => {
        if (body.errored) return reject(body.errored);
        const chunks: Uint8Array[] = [];
        body.on("data", (chunk) => chunks.push(chunk));
        body.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
        body.once("error", reject);
      });
    },
  };
}

/** Code and message; an error of several attempts (IPv6 and IPv4) has its message in its parts. */
function describe(error: NodeJS.ErrnoException & { errors?: Error[] }): string {
  const text = error.message || error.errors?.map(({ message }) => message).join("; ") || "";
  const message = text.replace(OPENSSL, "$1");
  const { code } = error;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}

/** `…:error:0A00010B:SSL routines:function:wrong version number:file.c:350:…` */
const OPENSSL = /(?<!\S)\S*:error:[^:]*:[^:]*:[^:]*:([^:]*):[^]*/;
