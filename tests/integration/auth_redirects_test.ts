import { assertEquals } from "@std/assert";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import { reply } from "../parts/scripted_answers.ts";
import type { Answer, ScriptedRequest } from "../parts/scripted_server.ts";

const METADATA = "/.well-known/oauth-protected-resource/mcp";

/** Answers requests that have a token. */
const protectedCall: Answer = (request) =>
  request.headers.authorization ? reply(request, {}) : new Response(null, { status: 401 });

const redirect = (location: string): Answer => () =>
  new Response(null, { status: 302, headers: { location } });

/** Settings of a client that knows no token endpoint; nothing was sent before the call. */
const discovering = { revision: null, env: { MCP_AUTH_SERVER_URL: "discover" } };

const origin = ({ headers }: ScriptedRequest) => `http://${headers.host}`;

Deno.test("metadata that has moved within its origin is found", () =>
  withProxy({
    "tools/call": protectedCall,
    [METADATA]: redirect("/moved"),
    "/moved": (request) =>
      Response.json({
        resource: `${origin(request)}/mcp`,
        authorization_servers: [`${origin(request)}/as`],
      }),
    "/.well-known/oauth-authorization-server/as": (request) =>
      Response.json({
        issuer: `${origin(request)}/as`,
        token_endpoint: `${origin(request)}/token`,
      }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, undefined, proxy.stderr);
    assertEquals(server.received("/moved").length, 1);
  }, discovering));

Deno.test("a redirect to a sign-in page is not followed and does not count as metadata", () =>
  withProxy({
    "tools/call": protectedCall,
    [METADATA]: redirect("http://127.0.0.2:9/login"),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, undefined, proxy.stderr);
    // As 2025-03-26 has it, /token: a probe without the client, then the request.
    assertEquals(server.received("token").length, 2);
  }, discovering));

Deno.test("a redirect of the token endpoint is not followed, not even within its origin", () =>
  withProxy({ token: redirect("/elsewhere") }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.status, 302);
    assertEquals(server.received("/elsewhere"), []);
  }, { revision: null }));

Deno.test("a redirect of the MCP endpoint within its origin takes message and token along", () =>
  withProxy({
    "tools/call": redirect("/mcp/"),
    "/mcp/": (request) => request.method === "POST" ? reply(request, {}) : Response.error(),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, undefined, proxy.stderr);
    const [{ headers, message }] = server.received("/mcp/");
    assertEquals([headers.authorization, message.method], ["Bearer test-token", "tools/call"]);
  }));
