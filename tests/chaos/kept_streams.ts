import type { ServerResponse } from "node:http";
import { cut, say } from "./listener.ts";
import { elapsed, type Trouble } from "./trouble.ts";

/** Response streams that a client can come back for with `Last-Event-ID`. */
export interface KeptStreams {
  /** Keeps the events of a stream; returns their ids. */
  keep(key: string, events: readonly string[]): readonly string[];
  /** Answers a GET that comes back, in one way or another. */
  resume(lastEventId: string, response: ServerResponse): Promise<void>;
  /** Forgets them all. */
  clear(): void;
}

/** Creates it, empty. */
export function createKeptStreams(trouble: Trouble): KeptStreams {
  const streams = new Map<string, { events: readonly string[]; ids: readonly string[] }>();
  return {
    keep(key, events) {
      const ids = events.map((_, index) => `${key}-${index}`);
      for (const id of ids) streams.set(id, { events, ids });
      return ids;
    },
    async resume(lastEventId, response) {
      const stream = streams.get(lastEventId);
      const random = trouble.attempt(lastEventId);
      const kind = trouble.isCalm ? 1 : random();
      if (!stream || kind < 0.03) return say(response, 404);
      if (kind < 0.1) return say(response, 503);
      if (kind < 0.2) return cut(response);
      trouble.count("resumption");
      const { events, ids } = stream;
      const next = ids.indexOf(lastEventId) + 1;
      const end = kind < 0.5 ? next + 1 : events.length;
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let index = next; index < end; index++) {
        response.write(`id: ${ids[index]}\ndata: ${events[index]}\n\n`);
      }
      await elapsed(5);
      response.end();
    },
    clear: () => streams.clear(),
  };
}
