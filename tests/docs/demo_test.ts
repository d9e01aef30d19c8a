import { assertEquals, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { runCommand } from "../parts/run_command.ts";

const DENO = ["-y", "--prefer-offline", "deno@2"];

/** Reads the output of `demo --serve` until the entry is complete. */
async function readEntry(stdout: ReadableStream<Uint8Array>) {
  const lines: string[] = [];
  const reader = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  while (lines.at(-1) !== "}") {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the demo ended without an entry\n${lines.join("\n")}`);
    lines.push(value);
  }
  const text = lines.slice(lines.indexOf("{")).join("\n");
  return { entry: JSON.parse(text).mcpServers.demo, cancel: () => reader.cancel() };
}

Deno.test("the entry that the demo prints starts a proxy that reaches the demo's server", async () => {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/demo.ts", "--serve"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    const { entry, cancel } = await readEntry(demo.stdout);
    assertEquals(entry.command, "npx");
    assertEquals(entry.args.slice(0, DENO.length), DENO);
    const deno = [Deno.execPath(), ...entry.args.slice(DENO.length)];
    assertEquals(deno.filter((word) => /_npx|cache/.test(word)).slice(1), []);
    const { code, stdout, stderr } = await runCommand(["call", "add", '{"a": 2, "b": 40}'], {
      command: deno,
      env: entry.env,
      cwd: await Deno.makeTempDir(),
    });
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "42");
    await cancel();
  } finally {
    demo.kill("SIGINT");
    await demo.status;
  }
});
