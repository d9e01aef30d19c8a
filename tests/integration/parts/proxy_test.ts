import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { withFakeTime } from "../../parts/fake_time.ts";
import { startProxy } from "../../parts/proxy.ts";

/** A program that stands in for the proxy. */
function start(program: string, timeoutMs?: number) {
  return startProxy({ command: [Deno.execPath(), "eval", program], timeoutMs });
}

Deno.test("lines come out as they were written: carriage return, U+2028, cut characters, no last line feed", async () => {
  await using proxy = start(`
    const bytes = new TextEncoder().encode('"é"\\r\\n\\n"\\u2028"\\n"last"');
    for (const byte of bytes) await Deno.stdout.write(Uint8Array.of(byte));
  `);
  const texts = [];
  for (let n = 0; n < 4; n++) texts.push((await proxy.next()).text);
  assertEquals(texts, ['"é"\r', "", '"\u2028"', '"last"']);
  assertEquals((await proxy.status).code, 0);
});

Deno.test("a line is kept until it is read", async () => {
  await using proxy = start(`
    for (const id of [1, 2, 3]) console.log(JSON.stringify({ id, result: {} }));
  `);
  assertEquals((await proxy.response(2)).message.id, 2);
  assertEquals((await proxy.next()).message.id, 1);
  assertEquals((await proxy.next()).message.id, 3);
});

Deno.test("waiting for a message fails with the proxy's log if the proxy ends", async () => {
  await using proxy = start(`console.error("out of luck"); Deno.exit(3);`);
  const error = await assertRejects(() => proxy.next(), Error);
  assertStringIncludes(error.message, "code 3");
  assertStringIncludes(error.message, "out of luck");
});

Deno.test("waiting too long for a message fails with the proxy's log, and the proxy is stopped", () =>
  withFakeTime(async (time) => {
    await using proxy = start(
      `console.error("thinking"); await Deno.stdin.read(new Uint8Array(1));`,
      2_000,
    );
    await proxy.logged("thinking");
    const failed = assertRejects(() => proxy.next(), Error);
    await time.pass(2_000);
    const error = await failed;
    assertStringIncludes(error.message, "Not done within 2000 ms");
    assertStringIncludes(error.message, "thinking");
    assertEquals((await proxy.status).success, false);
  }));

Deno.test("the environment of the proxy is clean", async () => {
  Deno.env.set("MCP_LEAK", "of the tester");
  try {
    await using proxy = start(`console.log(JSON.stringify(Deno.env.get("MCP_LEAK") ?? null))`);
    assertEquals((await proxy.next()).message, null);
  } finally {
    Deno.env.delete("MCP_LEAK");
  }
});
