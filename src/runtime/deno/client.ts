import { connectionError } from "../connection_error.ts";
import { builtin } from "../node/builtins.ts";
import { env } from "./env.ts";
import { pemProblem } from "../pem.ts";
import { type HttpProxy, PROXY_VARIABLES } from "../proxy_variables.ts";
import type { HttpOptions } from "../types.ts";

/**
 * Creates the connections of `fetch`.
 *
 * @param proxy what they go through; without one they are direct, whatever the environment says
 * @throws {Error} if the certificates or the key cannot be used, in one line for the user
 */
export function createClient(options: HttpOptions, proxy?: HttpProxy): Deno.HttpClient {
  const { ca, cert, key } = options;
  const connections: Deno.CreateHttpClientOptions = {
    caCerts: ca === undefined ? [] : [ca],
    proxy: proxy && { url: proxy.url.href, basicAuth: proxy.credentials },
    // A server closes an idle connection after 5 s or more; closing it first avoids the race.
    poolIdleTimeout: 4_000,
    // One connection for all would take all down with it, and a dead one is noticed late: Deno
    // sets neither TCP keep-alive nor HTTP/2 pings.
    http2: false,
  };
  try {
    if (cert && key) requirePair(cert, key);
    return withoutProxyVariables(() =>
      Deno.createHttpClient(cert && key ? { ...connections, cert, key } : connections)
    );
  } catch (error) {
    // To go through a proxy takes the permission to connect to it.
    if (error instanceof Deno.errors.NotCapable) throw connectionError(error.message, false, proxy);
    throw pemProblem(error);
  }
}

/** Deno itself checks this from 2.9.6 on; before, it crashes. */
function requirePair(cert: string, key: string): void {
  const { createPrivateKey, X509Certificate } = builtin("node:crypto");
  const isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  if (!isPair) throw new Error("mismatch");
}

/**
 * Calls `create` with Deno's own choice of a proxy out of the way. Deno reads the variables when a
 * client is created, has rules of its own for them (loopback goes to the proxy, as does a URL whose
 * port `NO_PROXY` names), and an option for a proxy, but none for having no proxy.
 */
function withoutProxyVariables<T>(create: () => T): T {
  const hidden = PROXY_VARIABLES.map((name) => [name, env(name)] as const)
    .filter((variable): variable is [string, string] => variable[1] !== undefined);
  for (const [name] of hidden) Deno.env.delete(name);
  try {
    return create();
  } finally {
    for (const [name, value] of hidden) Deno.env.set(name, value);
  }
}
