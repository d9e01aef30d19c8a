import { assertEquals, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { runCommand } from "../parts/run_command.ts";

const DENO = ["-y", "--prefer-offline", "deno@2"];

/** Reads what `demo --serve` prints: the entry, and the commands to try. */
async function readDemo(stdout: ReadableStream<Uint8Array>) {
  const lines: string[] = [];
  const reader = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  while (!lines.at(-1)?.includes(" call whoami ")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the demo ended too early\n${lines.join("\n")}`);
    lines.push(value);
  }
  const entry = JSON.parse(lines.slice(lines.indexOf("{"), lines.indexOf("}") + 1).join("\n"));
  const start = lines.findIndex((line) => /^ +(export |\$env:)/.test(line));
  return {
    entry: entry.mcpServers.demo,
    commands: lines.slice(start).join("\n"),
    cancel: () => reader.cancel(),
  };
}

Deno.test("the entry and the commands that the demo prints reach the demo's server", async () => {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/demo.ts", "--serve"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    const { entry, commands, cancel } = await readDemo(demo.stdout);
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
    // Windows: they are for PowerShell.
    if (Deno.build.os === "windows") return await cancel();
    const script = commands.replaceAll("npx -y deno@2", Deno.execPath());
    const tried = await runCommand(["-ec", script], { command: ["bash"], cwd: "." });
    assertEquals(tried.code, 0, tried.stderr);
    assertStringIncludes(tried.stdout, "The connection works");
    assertStringIncludes(tried.stdout, "demo-client");
    await cancel();
  } finally {
    demo.kill("SIGINT");
    await demo.status;
  }
});
