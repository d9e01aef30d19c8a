import { assert, assertEquals, assertRejects } from "@std/assert";
import { run as denoRun } from "../../../src/runtime/deno/run.ts";
import { run as nodeRun } from "../../../src/runtime/node/run.ts";

const script = (text: string) => [Deno.execPath(), "eval", text];
const never = new AbortController().signal;

for (const [name, run] of [["Deno", denoRun], ["Node", nodeRun]] as const) {
  Deno.test(`on ${name} a program's output and exit code are known`, async () => {
    const command = script(`console.log("sécret"); console.error("no"); Deno.exit(3)`);
    assertEquals(await run(command, { limit: 100, signal: never }), {
      code: 3,
      stdout: "sécret\n",
    });
  });

  Deno.test(`on ${name} a program sees the environment, except what is hidden from it`, async () => {
    Deno.env.set("TEST_HIDDEN", "s3cret");
    Deno.env.set("TEST_SEEN", "seen");
    const command = script(
      `console.log(Deno.env.get("TEST_SEEN") + (Deno.env.get("TEST_HIDDEN") ?? ""))`,
    );
    const options = { limit: 100, signal: never, hidden: ["TEST_HIDDEN"] };
    assertEquals((await run(command, options)).stdout, "seen\n");
  });

  Deno.test(`on ${name} a program that cannot be started is an error`, async () => {
    await assertRejects(() => run(["/no/such/program"], { limit: 100, signal: never }));
  });

  Deno.test(`on ${name} a program that prints without end is ended`, async () => {
    const command = script(`for (;;) console.log("x".repeat(1000))`);
    const { stdout } = await run(command, { limit: 5000, signal: never });
    assert(stdout.length > 5000 && stdout.length < 1_000_000, `${stdout.length}`);
  });

  Deno.test({
    name: `on ${name} time is up also for what a program has started`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const begun = performance.now();
      const signal = AbortSignal.timeout(300);
      await run(["sh", "-c", "sleep 20; echo late"], { limit: 100, signal }).catch(() => {});
      assert(performance.now() - begun < 10_000);
    },
  });
}
