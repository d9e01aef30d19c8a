import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/deno/runtime.ts";
import { whyUnusable } from "../../../src/runtime/file_errors.ts";
import { host } from "../../../src/runtime/host.ts";
import { nodeRuntime } from "../../../src/runtime/node/runtime.ts";

for (const [name, { readTextFile }] of [["Deno", denoRuntime], ["Node", nodeRuntime]] as const) {
  Deno.test(`on ${name} a file that cannot be read is a sentence, without codes of the system`, async () => {
    for (
      const [path, why] of [
        ["/no/such/file", "/no/such/file cannot be read: file not found"],
        [Deno.cwd(), `${Deno.cwd()} cannot be read: it is a folder`],
      ]
    ) {
      const { message } = await assertRejects(() => readTextFile(path), Error);
      assertEquals(message, why);
    }
  });
}

Deno.test("the error about a file that cannot be written names its path", async () => {
  const path = import.meta.filename + "/config.json";
  const { replace } = host(() => undefined);
  const { message } = await assertRejects(() => replace(path, ""), Error);
  assertMatch(message, /config\.json was not changed: [a-z ]+$/);
});

Deno.test("errors of our own keep their message", () => {
  assertEquals(whyUnusable(new Error("it is a symbolic link")), "it is a symbolic link");
});
