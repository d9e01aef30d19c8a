import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { createAuthority } from "../parts/certificates.ts";
import { startForwardProxy } from "../parts/forward_proxy.ts";
import { startJsrRegistry } from "../parts/jsr_registry.ts";
import { startProxy } from "../parts/proxy.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { call, handshake } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";
import { startTlsFront } from "../parts/tls_front.ts";

// `deno publish` to a registry on loopback, and `deno run jsr:…` from it, in whatever folder an MCP
// client starts it. Without `--no-config`, Deno reads the configuration of that folder.

const PACKAGE = "@mcp-oauth-proxy/proxy";
const registry = await startJsrRegistry();
const REGISTRY = { JSR_URL: registry.url };
const published = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "scripts/publish.ts", "--token", "any"],
  env: REGISTRY,
}).output();

/** The command that runs the published program. */
const commandOf = (...options: string[]) => [Deno.execPath(), "run", ...options, `jsr:${PACKAGE}`];

Deno.test("deno publish sends the sources and the pages of the package, and no stand-ins", () => {
  assert(published.success, new TextDecoder().decode(published.stderr));
  const outside = registry.files(PACKAGE).filter((path) => !path.startsWith("/src/"));
  assertEquals(outside, [
    "/CHANGELOG.md",
    "/LICENSE",
    "/README.md",
    "/cli.ts",
    "/deno.json",
    "/mod.ts",
  ]);
});

const FLAGS = ["-A", "--quiet", "--no-config"];

/** Code of the workspace, which keeps the secret that it reads. */
const HOSTILE = 'Deno.writeTextFileSync("stolen", Deno.env.get("MCP_CLIENT_SECRET") ?? "");\n';

/** Files of folders that the program is started in. */
const WORKSPACES = {
  "an empty folder": {},
  "a folder with a package.json": { "package.json": '{ "dependencies": { "left-pad": "1.3.0" } }' },
  "a folder with a deno.json": { "deno.json": '{ "imports": { "@std/cli": "jsr:@std/cli@1" } }' },
  "a folder with a frozen lock file": {
    "deno.json": '{ "lock": { "frozen": true } }',
    "deno.lock": '{ "version": "5" }',
  },
  "a folder whose deno.json replaces our modules": {
    // A library that is loaded at each start, with the name that is imported from it.
    "deno.json": JSON.stringify({ imports: { "npm:eventsource-parser@^4.1.3": "./hostile.ts" } }),
    "hostile.ts": `${HOSTILE}export function createParser() {}\n`,
  },
  "a folder whose deno.json links a package of ours": {
    "deno.json": '{ "links": ["./linked"] }',
    "linked/deno.json": '{ "name": "@std/cli", "version": "1.9.9", "exports": "./mod.ts" }',
    "linked/mod.ts": HOSTILE,
  },
} satisfies Record<string, Record<string, string>>;

async function writeWorkspace(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
}

for (const [name, files] of Object.entries<Record<string, string>>(WORKSPACES)) {
  Deno.test(`jsr: with --no-config it works and leaves no files, started in ${name}`, async () => {
    await using server = await startScriptedServer();
    await withFolder(async (folder) => {
      await writeWorkspace(folder, files);
      await using proxy = startProxy({
        command: commandOf(...FLAGS),
        cwd: folder,
        env: { ...server.env, ...REGISTRY },
      });
      await handshake({ proxy, server });
      await proxy.send(call(1));
      assert((await proxy.response(1)).message.result, proxy.stderr);
      await proxy.closeStdin();
      assertEquals((await proxy.status).code, 0);
      const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assertEquals(left, [...new Set(Object.keys(files).map((path) => path.split("/")[0]))].sort());
    });
  });
}

Deno.test("jsr: without --no-config a hostile deno.json runs its code and reads the secret", async () => {
  await using server = await startScriptedServer();
  await withFolder(async (folder) => {
    await writeWorkspace(folder, WORKSPACES["a folder whose deno.json replaces our modules"]);
    const env: Record<string, string> = { ...server.env, ...REGISTRY };
    await runCommand(["check"], { env, cwd: folder, command: commandOf("-A", "--quiet") });
    assertEquals(await Deno.readTextFile(`${folder}/stolen`), env.MCP_CLIENT_SECRET);
  });
});

Deno.test("jsr: it goes through an HTTP proxy that wants a password", async () => {
  const authority = await createAuthority();
  const identity = await authority.issue("mcp.example.test");
  await using server = await startScriptedServer();
  await using front = await startTlsFront(server.url, { identity });
  await using forward = await startForwardProxy({
    leadsTo: `127.0.0.1:${front.port}`,
    credentials: "user:password",
  });
  await withFolder(async (folder) => {
    const ca = `${folder}/ca.pem`;
    await Deno.writeTextFile(ca, authority.cert);
    await using proxy = startProxy({
      command: commandOf(...FLAGS),
      env: {
        ...server.env,
        ...REGISTRY,
        NO_PROXY: "registry.npmjs.org,127.0.0.1",
        MCP_SERVER_URL: "https://mcp.example.test/mcp",
        MCP_CA_FILE: ca,
        HTTPS_PROXY: `http://user:password@127.0.0.1:${forward.port}`,
      },
    });
    await handshake({ proxy, server });
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
  });
});

Deno.test("jsr: it runs with exactly the flags that permissions prints, --no-config among them", async () => {
  await using server = await startScriptedServer();
  const env: Record<string, string> = { ...server.env, ...REGISTRY };
  const command = commandOf(...FLAGS);
  const { code, stdout, stderr } = await runCommand(["permissions"], { env, command });
  assertEquals(code, 0, stderr);
  const flags = stdout.trim().split(" ");
  assertEquals(flags[0], "--no-config");
  // Deno allows imports from jsr.io by default, but not from a registry on this machine.
  const imports = `--allow-import=${new URL(registry.url).host}`;
  await withFolder(async (folder) => {
    await writeWorkspace(folder, WORKSPACES["a folder whose deno.json replaces our modules"]);
    const flagged = commandOf("--no-prompt", "--quiet", imports, ...flags);
    await using proxy = startProxy({ command: flagged, cwd: folder, env });
    await handshake({ proxy, server });
    await proxy.send(call(1));
    assert((await proxy.response(1)).message.result, proxy.stderr);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
  });
});

Deno.test("jsr: check goes through every step", async () => {
  await using server = await startScriptedServer();
  const { code, stdout, stderr } = await runCommand(["check"], {
    env: { ...server.env, ...REGISTRY },
    command: commandOf(...FLAGS),
  });
  assertEquals(code, 0, stdout + stderr);
  assertStringIncludes(stdout, "✓");
});
