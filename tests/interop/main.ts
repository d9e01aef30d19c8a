/**
 * `deno task interop [names]`: runs the tests with servers and clients of other projects, and writes
 * what works into docs/. A name is a test file without `_test.ts`; without names all of them run.
 */
const folder = new URL(import.meta.resolve("./")).pathname;
const files = Deno.args.length > 0 ? Deno.args.map((name) => `${folder}${name}_test.ts`) : [folder];
const child = (args: readonly string[]) =>
  new Deno.Command(Deno.execPath(), { args: [...args], env: { INTEROP_WRITE: "1" } })
    .spawn().status;
const { code } = await child(["test", "-A", ...files]);
await child(["fmt", "--quiet", "docs/compatibility.md", "docs/authorization-servers.md"]);
Deno.exit(code);
