import { assertEquals, assertRejects } from "@std/assert";
import { createSecret, secretReader } from "../../../../src/auth/client/secret_source.ts";
import { ProxyError } from "../../../../src/errors.ts";
import type { RunResult } from "../../../../src/runtime/types.ts";

/** A machine whose commands come to this. */
const machine = (result: RunResult | Error) => ({
  readTextFile: (path: string) => Promise.reject(new Error(`${path} cannot be read`)),
  run: () => result instanceof Error ? Promise.reject(result) : Promise.resolve(result),
});
const command = ["vault", "read", "secret/with/a/path"];

Deno.test("a command's output is the secret, without the line break that ends it", async () => {
  const read = secretReader(
    "MCP_CLIENT_SECRET",
    { command },
    machine({ code: 0, stdout: " s \r\n" }),
  );
  assertEquals(await read!(), " s ");
});

for (
  const [result, why] of [
    [{ code: 3, stdout: "half a secr" }, "vault ended with code 3"],
    [{ code: 0, stdout: "\n" }, "vault printed nothing"],
    [
      { code: 137, stdout: "half a secret ".repeat(1e5) },
      "vault printed more than the maximum length of a secret",
    ],
    [new Error("spawn vault ENOENT"), "the program cannot be started"],
  ] satisfies [RunResult | Error, string][]
) {
  Deno.test(`a command that fails is named, and nothing that it printed: ${why}`, async () => {
    const read = secretReader("MCP_CLIENT_SECRET", { command }, machine(result));
    const error = await assertRejects(() => read!(), ProxyError, why);
    assertEquals(error.message.includes("MCP_CLIENT_SECRET_COMMAND"), true);
    assertEquals(/half a secr|with\/a\/path/.test(error.message), false);
  });
}

Deno.test("a file that cannot be read is named with its variable", async () => {
  const read = secretReader("MCP_ASSERTION", { file: "/run/token" }, machine(new Error()));
  await assertRejects(() => read!(), ProxyError, "MCP_ASSERTION_FILE: the file cannot be read");
});

Deno.test("a secret is read when first needed, once for all who wait, and is hidden", async () => {
  let reads = 0;
  const hidden: string[] = [];
  const secret = createSecret(() => Promise.resolve(`secret ${++reads}`), (s) => hidden.push(s));
  assertEquals(reads, 0);
  await Promise.all([secret.get(), secret.get(), secret.get()]);
  assertEquals(await secret.get(), "secret 1");
  assertEquals(hidden, ["secret 1"]);
});

Deno.test("a secret that was refused is read again, and it is known whether it has changed", async () => {
  const kept = ["old", "old", "new"];
  const secret = createSecret(() => Promise.resolve(kept.shift()!), () => {});
  assertEquals(await secret.renew(), false, "it was not in use");
  assertEquals(await secret.get(), "old");
  assertEquals(await secret.renew(), false);
  assertEquals(await secret.renew(), true);
  assertEquals(await secret.get(), "new");
});

Deno.test("a secret that could not be read is tried again when it is needed again", async () => {
  const results = [{ code: 1, stdout: "" }, { code: 0, stdout: "secret" }];
  const run = () => Promise.resolve(results.shift()!);
  const read = secretReader("MCP_CLIENT_SECRET", { command }, { ...machine(new Error()), run });
  const secret = createSecret(read!, () => {});
  await assertRejects(() => secret.get(), ProxyError);
  assertEquals(await secret.get(), "secret");
});
