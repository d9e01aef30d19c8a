import { env } from "./env.ts";
import { nodeHttp } from "../node/http.ts";
import type { HttpClient, HttpOptions } from "../types.ts";

/**
 * An HTTP client on Deno for a proxy that wants a password. Deno's `fetch` shows the password to the
 * server at the other end of a tunnel too (`inject_common_headers` in ext/fetch/lib.rs), so this
 * one is made of Deno's `node:http`. That sends a request on a kept connection again if it
 * breaks, also one that the server has acted on, so each request has a connection of its own.
 *
 * @throws {Error} with `ca` under narrow permissions: Deno wants `--allow-sys` then
 */
export function authenticatedProxyHttp(options: HttpOptions): HttpClient {
  const { ca } = options;
  // With authorities of our own, Deno's `node:tls` forgets those of `DENO_CERT`.
  const all = ca === undefined ? undefined : [ca, ownAuthorities()].join("\n");
  return nodeHttp({ ...options, ca: all }, { keepAlive: false });
}

function ownAuthorities(): string {
  const file = env("DENO_CERT");
  try {
    return file ? Deno.readTextFileSync(file) : "";
  } catch {
    return ""; // Not to be read; then its servers are not trusted, and it is said so.
  }
}
