import type * as http from "node:http";
import type * as https from "node:https";
import { builtin } from "./builtins.ts";
import type { HttpProxy } from "../proxy_variables.ts";
import { MAX_HEADERS } from "../../limits.ts";

/** How to send a request: a function of `node:http` or `node:https`, and options for it. */
export interface Route {
  /** Sends it. */
  readonly request: typeof http.request;
  /** Where it goes; its headers are sent in addition to those of the request. */
  readonly options: https.RequestOptions & { readonly headers: Readonly<Record<string, string>> };
}

/**
 * Milliseconds of silence after which TCP probes whether the peer is still there. Node sends ten
 * probes, one each second, so that a dead peer is noticed after 40 s.
 */
export const PROBE_AFTER = 30_000;

/**
 * An idle connection is closed after 4 s, before the server does it, which takes 5 s or more and may
 * cross with a request. If a host has several addresses, the next one is tried after 750 ms: the
 * 250 ms of Node are too few for slow networks, and an IPv6 route that swallows packets must not
 * cost a second.
 */
const CONNECTIONS: https.AgentOptions = {
  timeout: 4_000,
  keepAliveMsecs: PROBE_AFTER, // The agent sets it again with each use of a connection.
  autoSelectFamily: true, // NODE_OPTIONS may turn it off.
  autoSelectFamilyAttemptTimeout: 750,
  maxFreeSockets: 1_000, // As many as may have been in flight; more than 4 s they do not stay.
};

/** The routes to servers, and the connections that are kept. */
export interface Routes {
  /** The route to a URL. */
  to(target: URL, proxy: HttpProxy | undefined): Route | Promise<Route>;
  /** Closes the connections that no request uses. */
  dropIdle(): void;
}

/**
 * Creates the routes to servers.
 *
 * @param options whether connections are kept (`keepAlive`), and what TLS trusts (`secureContext`)
 */
export function createRoutes(options: https.AgentOptions): Routes {
  const connections = { ...CONNECTIONS, ...options };
  const { secureContext } = options;
  const direct: Record<string, Pick<Route, "request"> & { agent: http.Agent }> = {};
  const tunnels = new Map<string, https.Agent>();

  function directly({ protocol, hostname, port, pathname, search }: URL): Route {
    const { request, agent } = direct[protocol] ??= connected(protocol);
    const options = {
      hostname: hostname.replace(/^\[|\]$/g, ""), // An IPv6 address has brackets in a URL only.
      port,
      path: pathname + search,
      agent,
      maxHeaderSize: MAX_HEADERS,
      rejectUnauthorized: true, // NODE_TLS_REJECT_UNAUTHORIZED=0 must not turn the check off.
      headers: {},
    };
    return { request, options };
  }

  /** Loads the module when its first URL comes: TLS takes a third of a start that needs none. */
  function connected(protocol: string) {
    const { request, Agent } = builtin(protocol === "https:" ? "node:https" : "node:http");
    return { request, agent: new Agent(connections) };
  }

  /** An http URL goes to the proxy as it is (RFC 9112 section 3.2.2). */
  function forwarded({ origin, pathname, search, host }: URL, proxy: HttpProxy): Route {
    const { request, options } = directly(proxy.url);
    const headers = { ...authorization(proxy), host };
    return { request, options: { ...options, path: origin + pathname + search, headers } };
  }

  /** To an https URL the proxy only carries bytes (RFC 9110 section 9.3.6). */
  async function tunnelled(target: URL, proxy: HttpProxy): Promise<Route> {
    const { TunnelAgent } = await import("./tunnel.ts");
    const { href } = proxy.url;
    const agent = tunnels.get(href) ?? new TunnelAgent(connections, connect);
    tunnels.set(href, agent);
    const { request, options } = directly(target);
    return { request, options: { ...options, agent } };

    function connect(authority: string): http.ClientRequest {
      const { request, options } = directly(proxy.url);
      const headers = { ...authorization(proxy), host: authority };
      const route = { ...options, secureContext, method: "CONNECT", path: authority, headers };
      return request({ ...route, agent: false }); // A tunnel cannot be shared.
    }
  }

  return {
    to(target, proxy) {
      if (!proxy) return directly(target);
      return target.protocol === "https:" ? tunnelled(target, proxy) : forwarded(target, proxy);
    },
    dropIdle() {
      const agents = [...Object.values(direct).map(({ agent }) => agent), ...tunnels.values()];
      for (const { freeSockets } of agents) {
        for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
      }
    },
  };
}

/** Basic authentication to the proxy (RFC 7617). */
function authorization({ credentials }: HttpProxy): Record<string, string> {
  if (!credentials) return {};
  const { username, password } = credentials;
  const encoded = builtin("node:buffer").Buffer.from(`${username}:${password}`).toString("base64");
  return { "proxy-authorization": `Basic ${encoded}` };
}
