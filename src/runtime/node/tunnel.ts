import type { ClientRequest, IncomingMessage } from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";

/** Connections to https servers through tunnels of a proxy (RFC 9110 section 9.3.6). */
export class TunnelAgent extends https.Agent {
  readonly #connect: (authority: string) => ClientRequest;

  /**
   * @param options of the connections to the servers
   * @param connect makes a `CONNECT` request for `host:port`, not sent yet
   */
  constructor(options: https.AgentOptions, connect: (authority: string) => ClientRequest) {
    super(options);
    this.#connect = connect;
  }

  /** Called by `node:http` for a new connection; may call back instead of returning it. */
  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex {
    const done = callback as (error: Error | null, socket?: Duplex) => void;
    const { host, port } = options;
    const name = host?.includes(":") ? `[${host}]` : host;
    const tunnel = openTunnel(this.#connect(`${name}:${port}`));
    Promise.all([tunnel, import("node:tls")]).then(([socket, { connect }]) => {
      done(null, connect({ ...options as ConnectionOptions, socket }));
    }).catch(done);
    return undefined as unknown as Duplex;
  }
}

function openTunnel(request: ClientRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request.once(
      "connect",
      ({ statusCode = 0, statusMessage }: IncomingMessage, socket: Socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket);
        socket.destroy();
        reject(
          new Error(
            statusCode === 407
              ? "proxy authentication required"
              : `unsuccessful tunnel: ${statusCode} ${statusMessage}`,
          ),
        );
      },
    );
    request.once("error", reject);
    request.end();
  });
}
