/**
 * Just enough HTTP/1.1 over a plain socket.
 *
 * `node:http` answers about as fast as the contenders ask, and would then be part of every figure.
 * This parser costs a few microseconds a request. It trusts its callers: it serves benchmarks only.
 */
import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import { type BodyReader, bodyReader } from "./body.ts";

/** One request, with its whole body. */
export interface Request {
  method: string;
  path: string;
  /** Request line and header lines as they came. */
  head: string;
  body: Buffer;
}

/** Answers a request by writing to its socket, now or later. */
export type Handler = (request: Request, socket: Socket) => void;

/** A server that hands each request to `handle`; it is not listening yet. */
export function httpServer(handle: Handler): Server {
  return createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", requestReader((request) => handle(request, socket)));
  });
}

/** Takes the bytes of one connection as they come, and emits its requests. */
function requestReader(emit: (request: Request) => void): (bytes: Buffer) => void {
  let unread: Buffer = Buffer.alloc(0);
  let head = "";
  let body: BodyReader | undefined;
  return (bytes) => {
    if (!body && unread.length > 0) bytes = Buffer.concat([unread, bytes]);
    for (;;) {
      if (!body) {
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) {
          unread = bytes;
          return;
        }
        head = bytes.toString("latin1", 0, end);
        body = bodyReader(head);
        bytes = bytes.subarray(end + 4);
      }
      const rest = body.feed(bytes);
      if (!rest) return;
      const [method, path] = head.split(" ", 2);
      emit({ method, path, head, body: body.bytes() });
      body = undefined;
      bytes = rest;
    }
  };
}

/** Writes a whole answer; `body` in parts, so that a large one is not copied. */
export function respond(socket: Socket, status: string, headers: string, ...body: Buffer[]): void {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const head = `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${length}\r\n\r\n`;
  if (length < 4096) {
    socket.write(Buffer.concat([Buffer.from(head, "latin1"), ...body]));
    return;
  }
  socket.cork();
  socket.write(head, "latin1");
  for (const part of body) socket.write(part);
  socket.uncork();
}
