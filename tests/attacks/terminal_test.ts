import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CLEAR_LINE } from "../../src/commands/spinner.ts";
import { HAS_TERMINAL, runOnTerminal } from "../parts/run_on_terminal.ts";
import { event, jsonText, openBody } from "../parts/scripted_answers.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

/** C1 control, DEL, bidirectional marks, line separators and an invisible tag character. */
const HOSTILE = "\x9b2J \x7f \u202e \u2066 \u200f \u061c \u2028 \u2029 \u{e0041}";
const UNSAFE = /(?![\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A progress notification, then, when the terminal has shown it, the answer. */
function progress(id: unknown): Response {
  const body = openBody();
  const params = { progressToken: 1, progress: 1, message: HOSTILE };
  body.send(event({ jsonrpc: "2.0", method: "notifications/progress", params }));
  setTimeout(() => {
    body.send(
      event({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: HOSTILE }] } }),
    );
    body.end();
  }, 500);
  return body.response;
}

/** Runs a command on a terminal, with a server that writes hostile characters wherever it can. */
async function run(...args: string[]): Promise<string> {
  const hostile = (id: unknown, member: string) =>
    jsonText(`{"jsonrpc":"2.0","id":${id},${member}}`);
  await using server = await startScriptedServer({
    "tools/list": ({ message: { id } }) =>
      hostile(id, `"result":{"tools":[{"name":"a${HOSTILE}","description":"${HOSTILE}b"}]}`),
    "tools/call": ({ message: { id, params } }) =>
      params.name === "progress" ? progress(id) : hostile(
        id,
        params.name === "fails"
          ? `"error":{"code":1,"message":"${HOSTILE}"}`
          : `"result":{"content":[{"type":"text","text":"${HOSTILE}"}]}`,
      ),
  });
  const { stdout } = await runOnTerminal(args, { ...server.env, NO_COLOR: "1" });
  return stdout.replaceAll(CLEAR_LINE, ""); // The command's own, around its spinner.
}

for (
  const command of [
    "call tool",
    "call progress",
    "call fails",
    "call tools/list",
    "tools",
    "tools --json",
  ]
) {
  Deno.test({
    name:
      `A server sends control characters to a command on a terminal: they are escaped (${command})`,
    ignore: !HAS_TERMINAL,
    async fn() {
      const shown = await run(...command.split(" "));
      assert(!UNSAFE.test(shown), JSON.stringify(shown));
      if (command === "tools") assertStringIncludes(shown, "b");
      else assertStringIncludes(shown, "\\u009b2J \\u007f \\u202e");
    },
  });
}

Deno.test({
  name: "A server sends control characters to `call` on a terminal: the JSON has the same value",
  ignore: !HAS_TERMINAL,
  async fn() {
    const shown = await run("call", "tool");
    assertEquals(JSON.parse(shown.slice(shown.indexOf("{"))).content[0].text, HOSTILE);
  },
});
