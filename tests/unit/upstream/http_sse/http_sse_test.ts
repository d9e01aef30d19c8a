import { assertRejects } from "@std/assert";
import { parseMessage } from "../../../../src/json/jsonrpc.ts";
import { createEndpoint } from "../../../../src/upstream/endpoint.ts";
import { httpSse } from "../../../../src/upstream/http_sse/http_sse.ts";
import { keptLog } from "../../../parts/fake_http.ts";

Deno.test("a message that is not wanted any more does not wait for a stream without an endpoint", async () => {
  const silent = () =>
    new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
  const options = { http: () => Promise.resolve(silent()) };
  const endpointAt = (url: string) => createEndpoint(url, options);
  const upstream = httpSse(endpointAt("https://mcp.example.com/sse"), endpointAt, keptLog());
  const cancel = new AbortController();
  const message = parseMessage('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const sending = upstream.send(message, { signal: cancel.signal, answered: () => false });
  cancel.abort(new Error("too late"));
  await assertRejects(() => sending, Error, "too late");
  await upstream.close(AbortSignal.timeout(1_000));
});
