/**
 * The client that the official suite starts: `client.ts --client=ERA <server URL>`. It starts the proxy over
 * stdio, with settings made from what the suite gives, and does what the scenario asks of a client.
 *
 * Its last line on stdout is its own verdict as JSON: `{"ended":"answers"}`, or
 * `{"ended":"error","reason":"…"}` where a request ended in a JSON-RPC error. It exits with 0 in both
 * cases, and with 1 where anything else happened (no answer, two answers, the proxy gone).
 */

import { startEraGate } from "./era_gate.ts";
import { flows, handlers } from "./flows.ts";
import { scenarioNamed } from "./scenarios.ts";
import {
  answeringSession,
  LEGACY_VERSION,
  legacySession,
  MODERN_VERSION,
  modernSession,
} from "./session.ts";
import { settingsFor } from "./settings.ts";
import { RpcError, StdioClient } from "./stdio_client.ts";

const [option, suiteUrl] = Deno.args;
/** The era of this client if the server is to be of the other one. */
const era = (["legacy", "modern"] as const).find((era) => option === `--client=${era}`);
const scenario = Deno.env.get("MCP_CONFORMANCE_SCENARIO") ?? "";
const context = JSON.parse(Deno.env.get("MCP_CONFORMANCE_CONTEXT") ?? "{}");
const version = Deno.env.get("MCP_CONFORMANCE_PROTOCOL_VERSION") ?? "2025-11-25";

await using tokens = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  () => Response.json({ access_token: "conformance", token_type: "Bearer", expires_in: 3600 }),
);
await using gate = era && startEraGate(suiteUrl, era);
const serverUrl = gate?.url ?? suiteUrl;
const folder = await Deno.makeTempDir({ prefix: "conformance-" });

try {
  const settings = settingsFor({ scenario, serverUrl, context }, {
    tokenEndpoint: `http://127.0.0.1:${tokens.addr.port}/token`,
    secretFile(text) {
      const path = `${folder}/secret`;
      Deno.writeTextFileSync(path, text, { mode: 0o600 });
      return path;
    },
  });
  console.log(JSON.stringify(await play(settings)));
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function play(settings: Record<string, string>): Promise<{ ended: string; reason?: string }> {
  await using client = new StdioClient(settings, handlers);
  const outcome = await run(client);
  await client.finish();
  if (era && !client.isBridged) throw new Error("the proxy did not bridge");
  return outcome;
}

async function run(client: StdioClient): Promise<{ ended: string; reason?: string }> {
  const { flow: usual = "session", bridgedFlow = usual } = scenarioNamed(scenario) ?? {};
  const flow = flows[era ? bridgedFlow : usual];
  const isModern = era ? era === "modern" : version === MODERN_VERSION;
  const open = () =>
    isModern
      ? Promise.resolve(
        era ? answeringSession(modernSession(client), handlers) : modernSession(client),
      )
      : legacySession(client, era ? LEGACY_VERSION : version);
  try {
    await flow({ client, context, open });
    return { ended: "answers" };
  } catch (error) {
    if (error instanceof RpcError) return { ended: "error", reason: error.message };
    throw error;
  }
}
