import { CLIENTS } from "../../../../src/commands/config/clients.ts";
import { assertEquals } from "@std/assert";
import { draftEntry } from "../../../../src/commands/config/draft.ts";
import { readSettings, SettingsError } from "../../../../src/settings/settings.ts";

const ENV = { MCP_CLIENT_ID: "me", MCP_SERVER_URL: "https://mcp.example.com/mcp" };
const MACHINE = { os: "linux", homeFolder: () => "/home/me", currentFolder: () => "/" } as const;

/** The secret that `config` adds to the entry, since the settings have no credential. */
function addedByConfig(env: Record<string, string>): string[] {
  const source = ({ variable }: { variable: string }) => env[variable];
  const { entry } = draftEntry({
    source,
    client: CLIENTS["claude-code"],
    machine: MACHINE,
    launcher: "npx",
  });
  return Object.keys(entry.env).filter((variable) => !(variable in env));
}

/** Whether the proxy refuses to start since it has no credential. */
async function isMissingForProxy(env: Record<string, string>): Promise<boolean> {
  try {
    await readSettings(({ variable }) => env[variable], () => Promise.resolve("text"));
    return false;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.some((problem) => /^MCP_(CLIENT_SECRET|AUTH_METHOD): /.test(problem));
  }
}

for (
  const [env, added] of [
    [{}, ["MCP_CLIENT_SECRET"]],
    [{ MCP_CLIENT_SECRET_FILE: "/secret" }, []],
    [{ MCP_AUTH_METHOD: "none" }, []],
    [{ MCP_AUTH_METHOD: "client_secret_basic" }, ["MCP_CLIENT_SECRET"]],
    [{ MCP_AUTH_METHOD: "private_key_jwt" }, ["MCP_PRIVATE_KEY"]],
    [{ MCP_AUTH_SERVER_URL: "discover" }, []],
    [{ MCP_GRANT: "jwt-bearer", MCP_ASSERTION_FILE: "/jwt" }, []],
    [{ MCP_CLIENT_CERT_FILE: "/cert", MCP_CLIENT_KEY_FILE: "/key" }, []],
    [{ MCP_IDP_CLIENT_SECRET_FILE: "/idp" }, ["MCP_CLIENT_SECRET"]],
  ] satisfies [Record<string, string>, string[]][]
) {
  const given = Object.entries(env).map((pair) => pair.join("=")).join(" ") || "nothing";
  Deno.test(`config and the proxy agree about the credential: ${given}`, async () => {
    const all = { ...ENV, ...env };
    assertEquals(addedByConfig(all), added);
    assertEquals(await isMissingForProxy(all), added.length > 0);
  });
}
