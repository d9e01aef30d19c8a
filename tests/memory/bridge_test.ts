import { assert, assertEquals } from "@std/assert";
import { inText, isModern, withBridge } from "../parts/eras.ts";
import { _meta } from "../parts/modern_messages.ts";
import { chunked, jsonText } from "../parts/scripted_answers.ts";
import { withProxy } from "../parts/scripted_proxy.ts";
import type { Answer, ScriptedRequest } from "../parts/scripted_server.ts";

// The bridge changes a message of 32 MB in its text. To parse it would make ten million objects, for
// which these processes have no memory.

const MANY = `[${"{},".repeat((32 << 20) / 3)}{}]`;
const HEAP = "--max-old-space-size=256";
const env = { DENO_V8_FLAGS: HEAP, NODE_OPTIONS: HEAP };

const response = ({ message }: ScriptedRequest, list: string) =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"list":${list}}}`;

const FORMS: readonly { name: string; answer(request: ScriptedRequest, list: string): Response }[] =
  [
    { name: "JSON", answer: (request, list) => jsonText(response(request, list)) },
    { name: "SSE", answer: (request, list) => chunked([`data: ${response(request, list)}\n\n`]) },
  ];

for (const { name, answer } of FORMS) {
  Deno.test(`legacy client, modern server: an argument and a result of 32 MB are not parsed, ${name}`, () =>
    withBridge(
      { "tools/call": (request) => answer(request, MANY) },
      async ({ proxy, server }) => {
        await proxy.send(
          `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"list":${MANY}}}}`,
        );
        const { text } = await proxy.response(1);
        assert(text.includes(`"list":${MANY}`));
        const [sent] = server.received("tools/call");
        assert(isModern(sent) && sent.body.includes(`"arguments":{"list":${MANY}}`));
        assertEquals(sent.headers["mcp-name"], "echo");
      },
      { env },
    ));

  Deno.test(`modern client, legacy server: a result of 32 MB is not parsed, ${name}`, () => {
    const tool: Answer = (request) => isModern(request) ? inText(request) : answer(request, MANY);
    return withProxy({ "tools/call": tool }, async ({ proxy }) => {
      const params = { name: "echo", arguments: {}, _meta };
      await proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
      const { text } = await proxy.response(1);
      assert(text.includes(`"list":${MANY}`) && text.includes(`"resultType":"complete"`));
    }, { revision: null, env });
  });
}
