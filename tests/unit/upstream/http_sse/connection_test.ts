import { assertEquals } from "@std/assert";
import { createQueue } from "../../../../src/async/queue.ts";
import { createHttpSseConnection } from "../../../../src/upstream/http_sse/connection.ts";
import { messageOf } from "../../../parts/fake_upstream.ts";

const ping = (id: number) => messageOf({ jsonrpc: "2.0", id, method: "ping" });
const answerTo = (id: number) => JSON.stringify({ jsonrpc: "2.0", id, result: {} });

Deno.test("a request that is aborted before its answer was read does not hold up later answers", async () => {
  const stream = createQueue<string>();
  const connection = createHttpSseConnection(
    {
      url: "https://mcp.example/messages",
      maxMessage: 1 << 20,
      request: () => Promise.resolve(new Response(null, { status: 202 })),
    },
    stream,
    () => Promise.resolve(),
    () => {},
  );
  const given = new AbortController();
  await connection.post(ping(1), given.signal);
  const { messages } = await connection.post(ping(2), new AbortController().signal);
  stream.push(answerTo(1));
  stream.push(answerTo(2));
  await new Promise((resolve) => setTimeout(resolve)); // The first answer waits for its reader.
  given.abort();
  assertEquals(await Array.fromAsync(messages), [answerTo(2)]);
  stream.end();
  await connection.ended;
});
