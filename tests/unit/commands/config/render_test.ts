import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CLIENTS } from "../../../../src/commands/config/clients.ts";
import { draftEntry } from "../../../../src/commands/config/draft.ts";
import { edits, presentEntry, removals } from "../../../../src/commands/config/render.ts";
import { CLIENT_NAMES, type ClientName } from "../../../../src/commands/names.ts";

const ENV = {
  MCP_CLIENT_ID: "me",
  MCP_CLIENT_SECRET: "hunter2",
  MCP_SERVER_URL: "https://mcp.example.com/mcp",
};

/** The client's file after `config --write`. */
async function write(client: ClientName, text: string, env: Record<string, string> = ENV) {
  const draft = draftEntry({
    source: ({ variable }) => env[variable],
    client: CLIENTS[client],
    machine: { os: "linux", homeFolder: () => "/home/me", currentFolder: () => "/work" },
    launcher: "npx",
    name: "mine",
  });
  return (await edits(text, CLIENTS[client], draft, false)).at(-1) ?? text;
}

/** The client's file after `config --remove`. */
async function remove(client: ClientName, text: string) {
  return (await removals(text, CLIENTS[client], "mine")).at(-1)!;
}

/** The entry in the client's file, by the names of its members. */
async function entry(client: ClientName, text: string) {
  return await presentEntry(text, CLIENTS[client], "mine") as Record<string, unknown>;
}

for (const client of CLIENT_NAMES) {
  const { toml, serversKey } = CLIENTS[client];
  const variables = client === "opencode" ? "environment" : "env";

  Deno.test(`${CLIENTS[client].title}: an entry that is written again keeps what the user added`, async () => {
    const first = await write(client, "", { ...ENV, MCP_LOG_LEVEL: "debug" });
    const changed = toml
      ? first.replace("command =", "enabled = false # mine\ncommand =")
        .replace("MCP_LOG_LEVEL", 'HTTPS_PROXY = "http://a" # the company\nMCP_LOG_LEVEL')
      : first.replace('"command":', '"disabled": true, // mine\n"command":')
        .replace('"MCP_LOG_LEVEL"', '"HTTPS_PROXY": "http://a", // the company\n"MCP_LOG_LEVEL"');
    const again = await write(client, changed, { ...ENV, MCP_SCOPE: "s" });
    const { enabled, disabled, [variables]: env } = await entry(client, again);
    assert(toml ? enabled === false : disabled === true, again);
    const { HTTPS_PROXY, MCP_LOG_LEVEL, MCP_SCOPE } = env as Record<string, string>;
    assertEquals([HTTPS_PROXY, MCP_LOG_LEVEL, MCP_SCOPE], ["http://a", undefined, "s"]);
    for (const comment of ["mine", "the company"]) assertStringIncludes(again, comment);
    assertEquals(await write(client, again, { ...ENV, MCP_SCOPE: "s" }), again);
  });

  Deno.test(`${CLIENTS[client].title}: an entry that is written and removed leaves nothing`, async () => {
    const before = toml ? 'model = "x" # mine\n' : '{\n  "theme": "dark" // mine\n}\n';
    assertEquals(await remove(client, await write(client, before)), before);
    assertEquals(await remove(client, await write(client, "")), toml ? "" : "{\n}\n");
  });

  Deno.test(`${CLIENTS[client].title}: the other servers stay`, async () => {
    const before = toml
      ? '[mcp_servers.other]\ncommand = "x"\n'
      : `{\n  "${serversKey}": {\n    "other": { "command": "x" }\n  }\n}\n`;
    assertEquals(await remove(client, await write(client, before)), before);
  });
}

Deno.test("members that a client's own settings change are not set back", async () => {
  const disabled = (await write("opencode", "")).replace('"enabled": true', '"enabled": false');
  assertEquals((await entry("opencode", await write("opencode", disabled))).enabled, false);
  const few = (await write("copilot-cli", "")).replace('["*"]', '["add"]');
  assertEquals((await entry("copilot-cli", await write("copilot-cli", few))).tools, ["add"]);
});

Deno.test("a question keeps the description that the user gave it", async () => {
  const before = (await write("vscode", "")).replace('"MCP_CLIENT_SECRET",', '"My secret",');
  const { inputs } = JSON.parse(await write("vscode", before, { ...ENV, MCP_SCOPE: "s" }));
  assertEquals(inputs.map((input: { description: string }) => input.description), ["My secret"]);
});

Deno.test("an empty list with a comment in it stays", async () => {
  const written = await write("cursor", "");
  const commented = written.replace('"mcpServers": {', '"mcpServers": {\n    // none yet');
  assertStringIncludes(await remove("cursor", commented), '"mcpServers": {\n    // none yet\n  }');
});
