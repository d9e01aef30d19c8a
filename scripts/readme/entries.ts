import { type Client, CLIENTS } from "../../src/commands/config/clients.ts";
import { draftEntry } from "../../src/commands/config/draft.ts";
import { snippet } from "../../src/commands/config/render.ts";
import { code, codeBlock, table } from "./sections.ts";

/** The settings that all examples have in common. */
const EXAMPLE = {
  MCP_CLIENT_ID: "my-client",
  MCP_SERVER_URL: "https://mcp.example.com/mcp",
  MCP_AUTH_ISSUER: "https://auth.example.com",
};

/** README's table of the clients, each with the command that writes its entry. */
export function clientsTable(): string {
  const rows = Object.entries(CLIENTS).map(([name, client]) => [
    client.title,
    code(commandFor(name)),
    secretOf(client),
  ]);
  return table(["Client", "Command", "Where the client secret comes from"], rows);
}

/** The entry for VS Code that `config` writes for the settings of the examples. */
export function quickStartEntry(): string {
  const env: Record<string, string> = EXAMPLE;
  const draft = draftEntry({
    source: ({ variable }) => env[variable],
    client: CLIENTS.vscode,
    machine: { os: "linux", homeFolder: () => "/home/me", currentFolder: () => "/work" },
    launcher: "npx",
    name: "my-server",
  });
  return codeBlock("json", snippet(CLIENTS.vscode, draft));
}

function commandFor(name: string): string {
  const settings = `--client-id ${EXAMPLE.MCP_CLIENT_ID} --server-url ${EXAMPLE.MCP_SERVER_URL}`;
  return `npx -y mcp-oauth-proxy@2 config ${name} ${settings} --write`;
}

function secretOf(client: Client): string {
  if (client.inputs) return "the client asks for it";
  if (client.reference) return "an environment variable, which the command names";
  return "a private file: the command asks for it";
}
