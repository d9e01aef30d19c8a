import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand } from "../parts/run_command.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

const SECRET = `p@ss/w<ö>rd"'&+=`;

/** The secret as programs of other languages write it. */
const ENCODED = {
  "lower-case percent-encoding": encodeURIComponent(SECRET).toLowerCase(),
  "percent-encoding twice": encodeURIComponent(encodeURIComponent(SECRET)),
  "HTML entities": "p@ss/w&lt;ö&gt;rd&quot;&#39;&amp;+=",
  "numeric HTML entities": "p@ss/w&lt;ö&gt;rd&#34;&#x27;&amp;+=",
  "HTML in ASCII": "p@ss/w&lt;&#246;&gt;rd&quot;&#39;&amp;+=",
  "HTML in ASCII, hexadecimal": "p@ss/w&lt;&#xf6;&gt;rd&quot;&#39;&amp;+=",
  "JSON with escaped slashes": JSON.stringify(SECRET).slice(1, -1).replaceAll("/", "\\/"),
  "JSON in ASCII": JSON.stringify(SECRET).slice(1, -1).replace("ö", "\\u00f6"),
  "base64": btoa(`test-client:${unescape(encodeURIComponent(SECRET))}`),
};

for (const [name, text] of Object.entries(ENCODED)) {
  Deno.test(`A server repeats the secret in another encoding: it is in no error and no log line (${name})`, () =>
    withProxy({
      token: () =>
        Response.json({ error: "invalid_client", error_description: `You sent ${text}.` }, {
          status: 401,
        }),
    }, async ({ proxy }) => {
      await proxy.send(call(1));
      const answer = await proxy.response(1);
      assertStringIncludes(answer.message.error.message, "You sent ");
      // In base64, the characters that also stand for the neighbours of the secret may be left.
      const hidden = name === "base64" ? text.slice(18, -4) : text;
      for (const seen of [answer.text, answer.message.error.message, proxy.stderr]) {
        assert(!seen.includes(hidden) && !seen.includes(JSON.stringify(hidden).slice(1, -1)), seen);
      }
    }, { revision: null, env: { MCP_CLIENT_SECRET: SECRET, MCP_LOG_LEVEL: "debug" } }));
}

Deno.test("The MCP server's URL has a key in its path: no error and no log line shows it", async () => {
  const key = "NTk4MmE0YzEtOGQ3Zi00";
  await using server = await startScriptedServer({
    [`/s/${key}/mcp`]: () => new Response("Not here", { status: 404 }),
  });
  const MCP_SERVER_URL = new URL(`/s/${key}/mcp`, server.url).href;
  const env = { ...server.env, MCP_SERVER_URL, MCP_LOG_LEVEL: "debug" };
  const { stdout, stderr } = await runCommand(["call", "ping"], { env });
  assertStringIncludes(stdout + stderr, "/s/[redacted]/mcp");
  assert(!(stdout + stderr).includes(key), stdout + stderr);
});

Deno.test("The secret is a common word: names that contain it stay readable, and the word itself is hidden", () =>
  withProxy({
    token: () =>
      Response.json({
        error: "invalid_client",
        error_description: "use client_secret_post, not client_id%3Dx%26v%3Dsecret or 'secret'",
      }, { status: 401 }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { message } = (await proxy.response(1)).message.error;
    assertStringIncludes(
      message,
      "use client_secret_post, not client_id%3Dx%26v%3D[redacted] or '[redacted]'",
    );
  }, { revision: null, env: { MCP_CLIENT_SECRET: "secret" } }));

Deno.test("The secret is a word of our own sentences: they stay readable, and the word is hidden in a server's", () =>
  withProxy({
    token: () =>
      Response.json({ error: "token", error_description: "the token token is wrong" }, {
        status: 401,
      }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { message, data } = (await proxy.response(1)).message.error;
    assertStringIncludes(message, "OAuth token fetch failed: ");
    assertStringIncludes(
      message,
      "not the token endpoint. The server says: the [redacted] [redacted] is",
    );
    assertEquals(data.reason, "token");
    assertStringIncludes(proxy.stderr, "OAuth token fetch failed: ");
    assertStringIncludes(proxy.stderr, "The server says: the [redacted] [redacted] is");
  }, { revision: null, env: { MCP_CLIENT_SECRET: "token" } }));

Deno.test("The MCP server's URL has a key in its path, and `permissions` fails: it prints no key", async () => {
  const key = "NTk4MmE0YzEtOGQ3Zi00";
  await using server = await startScriptedServer({
    [`/.well-known/oauth-protected-resource/s/${key}/mcp`]: () =>
      Response.json({ resource: "https://other.example/mcp" }),
  });
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  const MCP_SERVER_URL = new URL(`/s/${key}/mcp`, server.url).href;
  const { stderr } = await runCommand(["permissions"], { env: { ...env, MCP_SERVER_URL } });
  assertStringIncludes(stderr, "Servers may be missing in --allow-net");
  assertStringIncludes(stderr, "/s/[redacted]");
  assert(!stderr.includes(key), stderr);
});
