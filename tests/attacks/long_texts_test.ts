import { assertEquals } from "@std/assert";
import { jsonText } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import type { Script } from "../parts/scripted_server.ts";

/** It resembles the beginnings of JWTs, which a pattern that is not linear tries again and again. */
const TEXTS = { "eyJ": "eyJ".repeat(340_000), "white space": `a${" ".repeat(1_000_000)}b` };

/** Where a server can put a text. */
const PLACES: Readonly<Record<string, (text: string) => Script>> = {
  "the description of an OAuth error": (text) => ({
    token: () =>
      Response.json({ error: "invalid_client", error_description: text }, { status: 401 }),
  }),
  "its metadata": (text) => ({
    "/.well-known/oauth-protected-resource/mcp": () => Response.json({ resource: text }),
    "tools/call": () => new Response(null, { status: 401 }),
  }),
  "a JSON-RPC error": (text) => ({
    "tools/call": ({ message: { id } }) =>
      jsonText(JSON.stringify({ jsonrpc: "2.0", id, error: { code: 1, message: text } })),
  }),
  "the body of a failure": (text) => ({ "tools/call": () => new Response(text, { status: 418 }) }),
};

for (const [what, text] of Object.entries(TEXTS)) {
  for (const [place, script] of Object.entries(PLACES)) {
    Deno.test(`A server sends 1 MB of the worst text in an error: the request gets its answer at once, and SIGTERM ends the proxy (${what} in ${place})`, () =>
      withProxy(script(text), async ({ proxy }) => {
        await proxy.send(call(1));
        const { error } = (await proxy.response(1)).message;
        assertEquals(error.data?.reason === "timeout", false);
        if (Deno.build.os === "windows") return;
        proxy.kill("SIGTERM");
        assertEquals((await proxy.status).code, 143);
      }, {
        revision: null,
        env: {
          MCP_REQUEST_TIMEOUT: "5s",
          MCP_LOG_LEVEL: "debug",
          ...(place === "its metadata" ? { MCP_AUTH_SERVER_URL: "discover" } : {}),
        },
      }));
  }
}
