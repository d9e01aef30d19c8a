import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { History } from "./history.ts";

/** What a client asked of the proxy. */
export interface ProxiedRequest {
  /** `CONNECT` for a tunnel, else the method of the request to forward. */
  readonly method: string;
  /** `host:port` of a tunnel, else the absolute URL (RFC 9112 sections 3.2.2 and 3.2.3). */
  readonly target: string;
  /** What the client had to say for itself. */
  readonly authorization: string | undefined;
}

/** Settings of {@linkcode startForwardProxy}. */
export interface ForwardProxyOptions {
  /** `user:password` without which nothing passes. */
  readonly credentials?: string;
  /** Where everything goes that is asked for, so that any host name will do. */
  readonly leadsTo?: string;
  /** Answers each `CONNECT` with this status instead of a tunnel. */
  readonly refuseWith?: number;
}

/** A running HTTP proxy, as companies have them. */
export interface ForwardProxy extends AsyncDisposable {
  /** Its URL, without credentials. */
  readonly url: string;
  readonly port: number;
  /** Everything that was asked of it. */
  readonly requests: History<ProxiedRequest>;
}

/** Starts an HTTP proxy on 127.0.0.1 that tunnels and forwards (RFC 9110 sections 9.3.6 and 7.6). */
export async function startForwardProxy(
  { credentials, leadsTo, refuseWith }: ForwardProxyOptions = {},
): Promise<ForwardProxy> {
  const requests = new History<ProxiedRequest>("forward proxy");
  const expected = credentials === undefined ? undefined : `Basic ${btoa(credentials)}`;
  const tunnels = new Set<Duplex>();

  function admit(incoming: IncomingMessage): boolean {
    const authorization = incoming.headers["proxy-authorization"];
    const { method = "", url: target = "" } = incoming;
    requests.record({ method, target, authorization });
    return expected === undefined || authorization === expected;
  }

  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!admit(incoming)) {
      outgoing.writeHead(407, { "proxy-authenticate": "Basic" }).end("who are you?");
      return;
    }
    const target = new URL(incoming.url!);
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const [hostname, port] = (leadsTo ?? target.host).split(":");
    const { method } = incoming;
    const path = target.pathname + target.search;
    const forwarded = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.writeHead(502).end("no such server"));
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });

  server.on("connect", (incoming: IncomingMessage, client: Duplex) => {
    client.on("error", () => {});
    if (!admit(incoming)) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${refuseWith} Not Today\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = splitAuthority(leadsTo ?? incoming.url!);
    const target: Socket = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    for (const end of [client, target]) {
      tunnels.add(end);
      end.on("close", () => tunnels.delete(end));
    }
    target.on("error", () => client.destroy());
    client.on("close", () => target.destroy());
    target.on("close", () => client.destroy());
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
}

/** Host and port of `host:port` or `[address]:port`. */
function splitAuthority(authority: string): [string, string] {
  const { hostname, port } = new URL(`http://${authority}`);
  return [hostname.replace(/^\[|\]$/g, ""), port || "80"];
}
