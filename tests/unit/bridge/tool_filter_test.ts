import { assert, assertEquals } from "@std/assert";
import { matches, toolFilter } from "../../../src/bridge/tool_filter.ts";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import type { Reply, Upstream } from "../../../src/upstream/upstream.ts";
import { keptLog } from "../../parts/fake_http.ts";

const waiting = { signal: new AbortController().signal, answered: () => false };

/** A filter in front of a server that answers each message with `answer`. */
function filter(patterns: { allow?: string[]; deny?: string[] }, answer: string) {
  const sent: string[] = [];
  const log = keptLog();
  const server: Upstream = {
    send(message) {
      sent.push(String(message.text));
      return Promise.resolve<Reply>({ kind: "single", messages: [answer] });
    },
    listen: async function* () {},
    close: () => Promise.resolve(),
  };
  const { send } = toolFilter(server, { allow: [], deny: [], ...patterns }, log);
  return {
    sent,
    log,
    async ask(message: unknown) {
      const { messages } = await send(parseMessage(JSON.stringify(message)), waiting);
      const texts: string[] = [];
      for await (const text of messages) texts.push(String(text));
      return texts;
    },
  };
}

const call = (name: string, id: unknown = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {} },
});
const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

Deno.test("a star in a tool pattern stands for any characters", () => {
  for (const name of ["read_file", "read_", "read_a_b"]) assert(matches("read_*", name));
  assert(matches("*_file", "read_file"));
  assert(matches("a*b*c", "a-b-b-c"));
  assert(matches("*", ""));
  for (
    const [pattern, name] of [["read", "read_file"], ["a*a", "a"], ["a*b*c", "acb"], [
      "a*b*c",
      "axc",
    ], [
      "r.ad",
      "read",
    ]]
  ) {
    assert(!matches(pattern, name), `${pattern} does not match ${name}`);
  }
});

Deno.test("hidden tools are removed from the list, and the text of the others stays unchanged", async () => {
  const tool = (name: string) => `{ "name":"${name}", "n":12345678901234567890 }`;
  const answer = (...names: string[]) =>
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[${names.map(tool).join(",")}],"x":1.0}}`;
  const { ask } = filter(
    { allow: ["read_*"], deny: ["*_secret"] },
    answer("read_a", "read_secret", "write"),
  );
  assertEquals(await ask(list), [answer("read_a")]);
});

Deno.test("a call of a hidden tool is refused and never reaches the server, in a batch too", async () => {
  const { ask, sent } = filter({ deny: ["write"] }, '{"jsonrpc":"2.0","id":2,"result":{}}');
  const [refused] = await ask(call("write"));
  assertEquals(JSON.parse(refused).error.code, -32602);
  assertEquals(sent, []);
  assertEquals((await ask([call("write"), call("read", 2)])).length, 2);
  assertEquals(sent.map((text) => JSON.parse(text).params.name), ["read"]);
});

Deno.test("only lists of tools and calls of tools are filtered", async () => {
  const error = '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no list"}}';
  const { ask, sent } = filter({ deny: ["write"] }, error);
  assertEquals(await ask(list), [error]);
  assertEquals(await ask({ ...call("write"), method: "prompts/get" }), [error]);
  assertEquals(sent.length, 2);
});

Deno.test("a pattern that matches no tool is a warning, once, after the last page", async () => {
  const page = (more: string) =>
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]${more}}}`;
  const first = filter({ allow: ["a", "tpyo"] }, page(',"nextCursor":"2"'));
  await first.ask(list);
  assertEquals(first.log.lines, []);
  const last = filter({ allow: ["a", "tpyo"] }, page(""));
  await last.ask(list);
  await last.ask(list);
  assertEquals(last.log.lines, ['warn: MCP_TOOLS_ALLOW: no tool of the server matches "tpyo"']);
});
