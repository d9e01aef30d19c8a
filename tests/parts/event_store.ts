import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

/**
 * Remembers the events of SSE streams, so that a client whose stream broke can resume it with
 * `Last-Event-ID` (Streamable HTTP, resumability and redelivery). An id is `<stream>/<number>`.
 */
export function createEventStore(): EventStore {
  const events: { streamId: string; message: JSONRPCMessage }[] = [];
  return {
    storeEvent(streamId, message) {
      events.push({ streamId, message });
      return Promise.resolve(`${streamId}/${events.length}`);
    },
    getStreamIdForEventId(eventId) {
      return Promise.resolve(streamOf(eventId));
    },
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = streamOf(lastEventId);
      const last = Number(lastEventId.slice(streamId.length + 1));
      for (const [index, event] of events.entries()) {
        // A stream is primed with an empty message, which is no event to deliver.
        const isMissed = index >= last && event.streamId === streamId && "jsonrpc" in event.message;
        if (isMissed) await send(`${streamId}/${index + 1}`, event.message);
      }
      return streamId;
    },
  };
}

function streamOf(eventId: string): string {
  return eventId.slice(0, eventId.lastIndexOf("/"));
}
