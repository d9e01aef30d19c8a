import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { elapsed } from "./trouble.ts";

/** One HTTP request, read to its end. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
}

/** An HTTP server that can go away and come back at the same place. */
export interface Listener {
  readonly origin: string;
  /** Connections that are open. */
  readonly connections: number;
  /** Closes every connection. */
  cutAll(): void;
  /** Is away for so many milliseconds. */
  restart(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds after which it closes idle connections: often just when one is to be used. */
const IDLE = 300;

/** Listens on 127.0.0.1. */
export async function startListener(
  answer: (incoming: Incoming) => Promise<void> | void,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;

  async function read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {});
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The client has gone.
    }
    await answer({ request, body: Buffer.concat(chunks).toString(), response });
  }

  async function listen(): Promise<void> {
    server = createServer((request, response) => {
      read(request, response).catch((error) => {
        console.error("The server failed:", error);
        cut(response);
      });
    });
    server.keepAliveTimeout = IDLE;
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  }

  const cutAll = () => sockets.forEach((socket) => socket.destroy());

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    cutAll();
    await closed;
  }

  await listen();
  return {
    origin: `http://127.0.0.1:${port}`,
    get connections() {
      return sockets.size;
    },
    cutAll,
    async restart(milliseconds) {
      await close();
      await elapsed(milliseconds);
      await listen();
    },
    close,
  };
}

/** Says nothing more, in the middle of whatever it was. */
export function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

/** Answers at once, and that is all. */
export function say(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
  body = "",
): void {
  response.writeHead(status, headers).end(body);
}
