import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exportPKCS8, generateKeyPair } from "jose";
import { claimsOf } from "../../src/json/jwt.ts";
import { startProxy } from "../parts/proxy.ts";
import { runCommand } from "../parts/run_command.ts";
import { token } from "../parts/scripted_answers.ts";
import { call, result } from "../parts/scripted_proxy.ts";
import {
  type Answer,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const MCP_PRIVATE_KEY = await exportPKCS8(privateKey);
const ISSUER = "https://auth.example.com/issuer";

/** The claims of the assertion in a token request; none if there is no assertion. */
function assertionIn({ body }: ScriptedRequest) {
  return claimsOf(new URLSearchParams(body).get("client_assertion") ?? "") ?? {};
}

const refused = (headers: Record<string, string> = {}) =>
  Response.json({ error: "invalid_client" }, { status: 401, headers });

/** Calls a tool with an assertion of its own key. */
async function callWith(answer: Answer, more: Record<string, string> = {}) {
  await using server = await startScriptedServer({ token: answer });
  const env = { ...server.env, MCP_CLIENT_SECRET: "", MCP_PRIVATE_KEY, ...more };
  await using proxy = startProxy({ env });
  await proxy.send(call(1));
  const { message } = await proxy.response(1);
  await proxy.closeStdin();
  await proxy.status;
  const assertions = server.received("token").map(assertionIn);
  return { message, assertions, endpoint: server.tokenEndpoint, log: proxy.stderr };
}

for (
  const [env, audience] of [
    [{ MCP_AUTH_ISSUER: ISSUER }, ISSUER],
    [{ MCP_AUTH_ISSUER: ISSUER, MCP_ASSERTION_AUDIENCE: "issuer" }, ISSUER],
    [{ MCP_AUTH_ISSUER: ISSUER, MCP_ASSERTION_AUDIENCE: "token-endpoint" }, "the token endpoint"],
    [{ MCP_ASSERTION_AUDIENCE: "https://other.example/" }, "https://other.example/"],
    [{}, "the token endpoint"],
  ] satisfies [Record<string, string>, string][]
) {
  const what = Object.entries(env).map((pair) => pair.join("=")).join(" and ") || "nothing";
  Deno.test(`with ${what} set, the audience of the assertion is ${audience}`, async () => {
    const { message, assertions, endpoint } = await callWith(() => token(), env);
    assertEquals(message, result(1));
    assertEquals(assertions[0].aud, audience === "the token endpoint" ? endpoint : audience);
  });
}

Deno.test("MCP_ASSERTION_AUDIENCE applies to client_secret_jwt too", async () => {
  const { assertions, endpoint } = await callWith(() => token(), {
    MCP_PRIVATE_KEY: "",
    MCP_CLIENT_SECRET: "a secret that is long enough for HS256",
    MCP_AUTH_METHOD: "client_secret_jwt",
    MCP_AUTH_ISSUER: ISSUER,
    MCP_ASSERTION_AUDIENCE: "token-endpoint",
  });
  assertEquals(assertions[0].aud, endpoint);
});

Deno.test("at the identity provider, MCP_ASSERTION_AUDIENCE=token-endpoint is its token endpoint", async () => {
  await using server = await startScriptedServer({
    "/idp": () =>
      Response.json({
        access_token: "id-jag",
        token_type: "N_A",
        issued_token_type: "urn:ietf:params:oauth:token-type:id-jag",
      }),
    "/.well-known/oauth-authorization-server": () =>
      Response.json({
        issuer: origin,
        token_endpoint: `${origin}/idp`,
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
      }),
  });
  const { origin } = new URL(server.url);
  const env = {
    ...server.env,
    MCP_CLIENT_SECRET: "",
    MCP_PRIVATE_KEY,
    MCP_GRANT: "enterprise-managed",
    MCP_ID_TOKEN_COMMAND: JSON.stringify([Deno.execPath(), "eval", 'console.log("id-token")']),
    MCP_IDP_ISSUER: origin,
    MCP_AUTH_ISSUER: ISSUER,
    MCP_ASSERTION_AUDIENCE: "token-endpoint",
  };
  await using proxy = startProxy({ env });
  await proxy.send(call(1));
  assertEquals((await proxy.response(1)).message, result(1));
  assertEquals(assertionIn(server.received("/idp")[0]).aud, `${origin}/idp`);
  assertEquals(assertionIn(server.received("token")[0]).aud, server.tokenEndpoint);
});

Deno.test("MCP_ASSERTION_AUDIENCE=issuer needs the issuer", async () => {
  const { code, stderr } = await runCommand([], {
    env: {
      MCP_CLIENT_ID: "id",
      MCP_PRIVATE_KEY,
      MCP_SERVER_URL: "https://mcp.example.com/mcp",
      MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
      MCP_ASSERTION_AUDIENCE: "issuer",
    },
  });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "MCP_ASSERTION_AUDIENCE: ");
  assertStringIncludes(stderr, "set MCP_AUTH_ISSUER");
});

Deno.test("invalid_client after an assertion names its audience and the setting for another one", async () => {
  const { message: { error }, assertions, endpoint } = await callWith(() => refused(), {
    MCP_AUTH_ISSUER: ISSUER,
  });
  assertStringIncludes(error.message, `audience of the assertion is ${ISSUER}`);
  assertStringIncludes(error.message, `MCP_ASSERTION_AUDIENCE=token-endpoint (${endpoint})`);
  assertEquals(assertions.length, 1);
  const other = await callWith(() => refused());
  assertStringIncludes(other.message.error.message, "MCP_ASSERTION_AUDIENCE=issuer");
});

Deno.test("invalid_client after a secret says nothing about assertions", async () => {
  const { message: { error } } = await callWith(() => refused(), {
    MCP_PRIVATE_KEY: "",
    MCP_CLIENT_SECRET: "secret",
  });
  assertStringIncludes(error.message, "MCP_CLIENT_ID");
  assert(!error.message.includes("MCP_ASSERTION_AUDIENCE"), error.message);
});

Deno.test("an assertion is valid from some seconds before its creation, for servers with slow clocks", async () => {
  const { assertions: [{ iat, nbf, exp }] } = await callWith(() => token());
  const now = Date.now() / 1000;
  for (const start of [iat, nbf]) {
    assert(Number(start) <= now - 9, "begins in the past");
    assert(Number(start) > now - 60);
  }
  assert(Number(exp) > now && Number(exp) <= now + 60);
});

for (const [what, offset] of [["behind", -300], ["ahead", 300]] as const) {
  Deno.test(`a server whose clock is 300 s ${what} gets a second assertion with its time`, async () => {
    const serverTime = () => Date.now() / 1000 + offset;
    const check = (request: ScriptedRequest) => {
      const { nbf, exp } = assertionIn(request);
      const isValid = Number(nbf) <= serverTime() && serverTime() < Number(exp);
      const date = new Date(serverTime() * 1000).toUTCString();
      return isValid ? token() : refused({ date });
    };
    const { message, assertions, log } = await callWith(check);
    assertEquals(message, result(1));
    assertEquals(assertions.length, 2);
    assert(/clock of this machine is \d+ s (ahead of|behind) that of/.test(log), log);
  });
}

Deno.test("a refusal by a server with the right time is not asked again", async () => {
  const { assertions } = await callWith(() => refused());
  assertEquals(assertions.length, 1);
});
