import { connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Identity } from "./certificates.ts";
import { History } from "./history.ts";

/** Settings of {@linkcode startTlsFront}. */
export interface TlsFrontOptions {
  /** Who the server says it is. */
  readonly identity: Identity;
  /** The authority (PEM) whose client certificates are asked for, and accepted; none if left out. */
  readonly clientAuthority?: string;
  /** The newest version of TLS. @default {"TLSv1.3"} */
  readonly maxVersion?: "TLSv1.2";
}

/** TLS in front of a server that has none. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
  /** The name on the client certificate of every connection; `undefined` where it had none. */
  readonly clients: History<{ readonly name: string | undefined }>;
}

/**
 * Starts TLS on 127.0.0.1 in front of a server, with or without mutual TLS (RFC 8705).
 *
 * @param target where what comes out of TLS goes: a URL, of which host and port count
 */
export async function startTlsFront(
  target: string,
  { identity, clientAuthority, maxVersion }: TlsFrontOptions,
): Promise<TlsFront> {
  const { hostname, port } = new URL(target);
  const clients = new History<{ name: string | undefined }>("TLS front");
  const sockets = new Set<Socket>();
  const mutual = clientAuthority !== undefined && {
    ca: clientAuthority,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const server = createServer({ ...identity, ...mutual, maxVersion }, (client: TLSSocket) => {
    clients.record({ name: client.getPeerCertificate()?.subject?.CN as string | undefined });
    const behind = connect(Number(port), hostname);
    client.pipe(behind).pipe(client);
    for (const [end, other] of [[client, behind], [behind, client]]) {
      sockets.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => {
        sockets.delete(end);
        other.destroy();
      });
    }
  });
  // A client that turns away from an unknown certificate is what some tests are about.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
