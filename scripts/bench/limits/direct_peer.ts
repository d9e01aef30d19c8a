import process from "node:process";
import { concat } from "../bytes.ts";
import type { Peer } from "../peer.ts";

/** An answer of the server: its content type, and its body as it arrives. */
export interface Answer {
  type: string;
  body: AsyncIterable<Uint8Array>;
}

/** A peer that is the server itself, reached with `post`. */
export function directPeer(post: (body: Uint8Array) => Promise<Answer>): Peer {
  const decoder = new TextDecoder();
  let onNotification = () => {};
  return {
    pid: process.pid,
    async request(message) {
      const { type, body } = await post(message);
      const stream = type.startsWith("text/event-stream");
      const parts: Uint8Array[] = [];
      for await (const part of body) {
        parts.push(part);
        if (stream && decoder.decode(part).includes("notifications/progress")) onNotification();
      }
      const bytes = concat(parts);
      return { head: decoder.decode(bytes.subarray(0, 400)), bytes: () => bytes };
    },
    notification: () => new Promise((resolve) => onNotification = resolve),
  };
}
