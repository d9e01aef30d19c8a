import { assertEquals } from "@std/assert";

interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string };
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

/** Runs Deno with this machine's cache. @returns what it printed */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** What the command loads before it does anything. */
async function loadedAtStart(): Promise<string[]> {
  const graph: { roots: string[]; modules: Module[] } = JSON.parse(
    await deno("info", "--json", "cli.ts"),
  );
  const dependencies = new Map(graph.modules.map((one) => [one.specifier, one.dependencies ?? []]));
  const loaded = new Set(graph.roots);
  // What is added to the set while it is walked through comes next.
  for (const specifier of loaded) {
    for (const { isDynamic, code } of dependencies.get(specifier) ?? []) {
      if (!isDynamic && code?.specifier) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

Deno.test("the start on Deno loads no module of Node, no bridge, no HTTP+SSE and no signatures", async () => {
  const rare = /^node:|oauth4webapi@|\/(session|stateless)_client\.ts$|\/http_sse\//;
  assertEquals((await loadedAtStart()).filter((specifier) => rare.test(specifier)), []);
});

Deno.test("the start on Deno does not read `process`, which loads its Node compatibility", async () => {
  const program = `Object.defineProperty(globalThis, "process", {
      get() { throw new Error("process was read"); },
    });
    await import(${JSON.stringify(import.meta.resolve("../../src/main.ts"))});
    await import(${JSON.stringify(import.meta.resolve("../../src/runtime/deno/runtime.ts"))});
    console.log("loaded");`;
  assertEquals(await deno("eval", program), "loaded\n");
});
