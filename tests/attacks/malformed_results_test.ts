import { assert, assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "../parts/run_command.ts";
import { jsonText, reply } from "../parts/scripted_answers.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

/** The command ends by itself within this time, in milliseconds. */
const TIMEOUT = { timeoutMs: 60_000 };
/** An answer that is long enough to be read only at its two ends. */
const LONG = "x".repeat(300_000);

const MALFORMED = [null, 1, "tools", true, [], { tools: null }, { tools: "[1]" }, { tools: {} }];

Deno.test("A server answers tools/list with results of every wrong kind: the command ends", async () => {
  for (const malformed of MALFORMED) {
    await using server = await startScriptedServer({
      "tools/list": (request) => reply(request, malformed),
    });
    const { code, stderr } = await runCommand(["tools"], { env: server.env, ...TIMEOUT });
    assert(code <= 1, `${JSON.stringify(malformed)}: ${code} ${stderr}`);
    assert(!/TypeError|at .*\.ts:/.test(stderr), stderr);
  }
});

Deno.test("A server sends a long answer that is not JSON: the request gets an error with its id", () =>
  withProxy({
    "tools/call": ({ message: { id } }) =>
      jsonText(`{"jsonrpc":"2.0","id":${id},"result":{"text":"${LONG}" oops}}`),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.reason, "bad_response");
    assert(proxy.lines.every(({ text }) => !text.includes("oops")));
    await proxy.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    assertEquals((await proxy.response(2)).message, result(2));
  }));

for (const command of [["tools"], ["call", "echo"], ["check"]]) {
  Deno.test(`A server sends a long answer that is not JSON to a command: the command says so and ends (${command[0]})`, async () => {
    const broken = ({ message: { id } }: { message: { id: unknown } }) =>
      jsonText(`{"jsonrpc":"2.0","id":${id},"result":{"text":"${LONG}" \x1b[2Joops}}`);
    await using server = await startScriptedServer({ "tools/list": broken, "tools/call": broken });
    const { code, stdout, stderr } = await runCommand(command, { env: server.env, ...TIMEOUT });
    assertEquals(code, 1);
    assertMatch(stdout + stderr, /is not valid JSON/);
    const said = stdout + stderr;
    assert(!said.includes("\x1b") && !/oops|Uncaught|at .*\.ts:/.test(said), said);
  });
}
