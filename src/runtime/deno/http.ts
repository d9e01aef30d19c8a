import type { Bytes, Text } from "../../json/text.ts";
import { explainBodyErrors } from "../body_errors.ts";
import { connectionError, refuseProxyChallenge } from "../connection_error.ts";
import { CONNECT_TIMEOUT } from "../../limits.ts";
import { createConnectLimit } from "./connect_limit.ts";
import { createClient } from "./client.ts";
import { env } from "./env.ts";
import { beforeReuse } from "../kept_connections.ts";
import { checkPem } from "../pem.ts";
import { type HttpProxy, readProxyVariables } from "../proxy_variables.ts";
import type {
  ConnectionError,
  HttpClient,
  HttpOptions,
  HttpRequest,
  HttpResponse,
} from "../types.ts";

/** The kinds of proxies that Deno can use. */
const SCHEMES = ["http:", "https:", "socks5:", "socks5h:"];

/**
 * Creates an HTTP client on Deno's `fetch`. Deno itself trusts what is in `DENO_CERT`.
 *
 * @throws {Error} if the certificates or the key cannot be used, in one line for the user
 */
export function denoHttp(options: HttpOptions = {}): HttpClient {
  checkPem(options);
  const proxyFor = readProxyVariables(env, SCHEMES);
  const clients = new Map<string | undefined, Deno.HttpClient>();
  clients.set(undefined, createClient(options));
  const ready = beforeReuse(dropIdle);
  const withinLimit = createConnectLimit(options.connectTimeout ?? CONNECT_TIMEOUT);
  let authenticated: Promise<HttpClient> | undefined;

  function clientFor(proxy: HttpProxy | undefined): Deno.HttpClient {
    const client = clients.get(proxy?.url.href) ?? createClient(options, proxy);
    clients.set(proxy?.url.href, client);
    return client;
  }

  /** What is in flight goes on; the next request creates a new client. */
  function dropIdle(): void {
    for (const client of clients.values()) client.close();
    clients.clear();
  }

  /** The client for proxies with a password, loaded when one is met. */
  async function authenticatedProxyHttp(proxy: HttpProxy): Promise<HttpClient> {
    try {
      authenticated ??= import("./authenticated_proxy_http.ts").then((module) =>
        module.authenticatedProxyHttp(options)
      );
      return await authenticated;
    } catch (error) {
      throw connectionError((error as Error).message, false, proxy, error);
    }
  }

  return async (request) => {
    const target = new URL(request.url);
    const proxy = proxyFor(target);
    if (proxy?.credentials && proxy.url.protocol.startsWith("http")) {
      return (await authenticatedProxyHttp(proxy))(request);
    }
    await ready();
    const response = await withinLimit(
      target,
      proxy,
      request.signal,
      (signal, onFreed) => send({ ...request, signal }, clientFor(proxy), proxy, onFreed),
    );
    return refuseProxyChallenge(response, target, proxy);
  };
}

async function send(
  { url, method, headers, body, signal }: HttpRequest,
  client: Deno.HttpClient,
  proxy: HttpProxy | undefined,
  onFreed: () => void,
): Promise<HttpResponse> {
  const init = { method, headers, body: body === undefined ? undefined : sentOnce(body), signal };
  try {
    const response = await fetch(url, { ...init, redirect: "manual", client });
    onFreed(); // A response without a body.
    return explainBodyErrors(response, detailOf, signal, onFreed);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw failure(error as Error, proxy);
  }
}

/**
 * A text as a body that Deno sends once at the most. Where a kept connection breaks, its `fetch`
 * sends a request with a text as its body again, also one that the server has acted on; a blob it
 * cannot (`FetchRetry` in Deno's ext/fetch/lib.rs). The length is known and sent all the same.
 */
function sentOnce(body: Text): Blob {
  return new Blob(typeof body === "string" ? [body] : [...partsOf(body)]);
}

/** Where pieces are put together: Deno needs a tenth of a millisecond for each part of a blob. */
const room = new Uint8Array(1 << 18);

function* partsOf(body: Bytes): Generator<Blob> {
  for (let at = 0; at < body.length; at += room.length) {
    let end = 0;
    for (const piece of body.slice(at, at + room.length).pieces) {
      room.set(piece, end);
      end += piece.length;
    }
    yield new Blob([room.subarray(0, end)]);
  }
}

/** What comes before the first byte of the request: two kinds of hyper-util's, and Deno's own. */
const NEVER_SENT = /client error \((Connect|Canceled)\)|^Requires net access|^Fetch failed: /;

/** `error sending request from … for …: client error (Connect): tcp connect error: …` */
const PREAMBLE = /^error sending request .*?: client error(?: \(\w+\))?: /;

function failure(error: Error, proxy: HttpProxy | undefined): ConnectionError {
  const detail = detailOf(error);
  return connectionError(detail.replace(PREAMBLE, ""), !NEVER_SENT.test(detail), proxy, error);
}

/** Since Deno 2.9 the message is only `fetch failed`, as it is on Node. */
function detailOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message;
}
