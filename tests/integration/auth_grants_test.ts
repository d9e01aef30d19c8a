import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Proxy, startProxy } from "../parts/proxy.ts";
import { reply, token } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import {
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from "../parts/scripted_server.ts";

const form = ({ body }: ScriptedRequest) => Object.fromEntries(new URLSearchParams(body));

/** A command that prints a text, on any system. */
const printing = (text: string) =>
  JSON.stringify([Deno.execPath(), "eval", `console.log(${JSON.stringify(text)})`]);

/** Answers with a token that is refused after one use, so that the next message needs a new one. */
function singleUse() {
  let number = 0;
  const used = new Set<string | undefined>();
  return {
    token: () => token({ access_token: `token-${++number}` }),
    "tools/call": (request: ScriptedRequest) => {
      const { authorization } = request.headers;
      if (used.has(authorization)) return new Response(null, { status: 401 });
      used.add(authorization);
      return reply(request, {});
    },
  };
}

async function withFile(text: string, test: (path: string) => Promise<void>) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

async function answered(proxy: Proxy, id: number) {
  await proxy.send(call(id));
  return (await proxy.response(id)).message;
}

Deno.test("jwt-bearer: the assertion is read again from its file for each token, and sent without a secret", () =>
  withFile("jwt-1\n", async (path) => {
    const env = {
      MCP_CLIENT_SECRET: "",
      MCP_GRANT: "jwt-bearer",
      MCP_ASSERTION_FILE: path,
      MCP_LOG_LEVEL: "debug",
    };
    await withProxy(singleUse(), async ({ proxy, server }) => {
      await answered(proxy, 1);
      await Deno.writeTextFile(path, "jwt-2\n");
      await answered(proxy, 2);
      const common = {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        client_id: "test-client",
      };
      assertEquals(server.received("token").map(form), [
        { ...common, assertion: "jwt-1" },
        { ...common, assertion: "jwt-2" },
      ]);
      await proxy.closeStdin();
      await proxy.status;
      assert(!proxy.stderr.includes("jwt-1"));
    }, { env });
  }));

Deno.test("jwt-bearer: a refused assertion is reported, and nothing else is tried", () =>
  withProxy(
    { token: () => Response.json({ error: "invalid_grant" }, { status: 400 }) },
    async ({ proxy, server }) => {
      const { error } = await answered(proxy, 1);
      assertEquals(error.data.oauthError, "invalid_grant");
      assertEquals(server.received("token").length, 1);
    },
    {
      revision: null,
      env: { MCP_GRANT: "jwt-bearer", MCP_ASSERTION_COMMAND: printing("jwt") },
    },
  ));

Deno.test("workload identity: a token of the cluster authenticates the client itself", () =>
  withFile("projected-token", (path) =>
    withProxy({}, ({ server }) => {
      assertEquals(form(server.received("token")[0]), {
        grant_type: "client_credentials",
        client_id: "test-client",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: "projected-token",
      });
    }, { env: { MCP_CLIENT_SECRET: "", MCP_ASSERTION_FILE: path } })));

/** An identity provider and an authorization server in one, which take turns. */
function exchanging(idJag: () => Response) {
  return {
    token: (request: ScriptedRequest) =>
      form(request).grant_type.endsWith("token-exchange") ? idJag() : token(),
  };
}

const ID_JAG = {
  access_token: "id-jag",
  token_type: "N_A",
  issued_token_type: "urn:ietf:params:oauth:token-type:id-jag",
};

function enterprise(server: ScriptedServer): Record<string, string> {
  return {
    ...server.env,
    MCP_GRANT: "enterprise-managed",
    MCP_ID_TOKEN_COMMAND: printing("id-token"),
    MCP_IDP_TOKEN_URL: server.tokenEndpoint,
    MCP_IDP_CLIENT_ID: "client-at-idp",
    MCP_IDP_CLIENT_SECRET: "secret-at-idp",
    MCP_AUTH_ISSUER: "https://auth.example.com/",
    MCP_RESOURCE: "https://mcp.example.com/mcp",
    MCP_SCOPE: "read",
  };
}

Deno.test("enterprise-managed: the user's identity becomes a grant, and the grant a token", async () => {
  await using server = await startScriptedServer(exchanging(() => Response.json(ID_JAG)));
  await using proxy = startProxy({ env: enterprise(server) });
  assertEquals((await answered(proxy, 1)).error, undefined);
  const [exchange, grant, ...more] = server.received("token").map(form);
  assertEquals(more, []);
  assertEquals(exchange, {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: "https://auth.example.com/",
    resource: "https://mcp.example.com/mcp",
    scope: "read",
    subject_token: "id-token",
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    client_id: "client-at-idp",
    client_secret: "secret-at-idp",
  });
  assertEquals(grant, {
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: "id-jag",
    resource: "https://mcp.example.com/mcp",
    scope: "read",
    client_id: "test-client",
    client_secret: "test-secret",
  });
});

Deno.test("enterprise-managed: what the identity provider refuses is reported as its refusal", async () => {
  const refuse = () => Response.json({ error: "access_denied" }, { status: 400 });
  await using server = await startScriptedServer(exchanging(refuse));
  await using proxy = startProxy({ env: enterprise(server) });
  const { error } = await answered(proxy, 1);
  assertEquals(error.data.oauthError, "access_denied");
  assertEquals(server.received("token").length, 1);
});

Deno.test("enterprise-managed: the client's header at the identity provider stays out of errors", async () => {
  const echo = ({ headers }: ScriptedRequest) => {
    const error_description = `not ${headers.authorization}`;
    return Response.json({ error: "invalid_client", error_description }, { status: 401 });
  };
  await using server = await startScriptedServer({
    token: echo,
    "/.well-known/oauth-authorization-server": () =>
      Response.json({ issuer: new URL(server.url).origin, token_endpoint: server.tokenEndpoint }),
  });
  const { MCP_IDP_TOKEN_URL: _, ...env } = enterprise(server);
  const MCP_IDP_ISSUER = new URL(server.url).origin;
  await using proxy = startProxy({ env: { ...env, MCP_IDP_ISSUER } });
  const { error } = await answered(proxy, 1);
  assertStringIncludes(error.message, "not Basic [redacted]");
});

for (
  const [what, members] of [
    ["an access token", { issued_token_type: "urn:ietf:params:oauth:token-type:access_token" }],
    ["nothing that it names", { issued_token_type: undefined }],
    ["a bearer token", { token_type: "Bearer" }],
  ] satisfies [string, Record<string, unknown>][]
) {
  Deno.test(`enterprise-managed: ${what} of the identity provider is sent to no other server`, async () => {
    const exchanged = () => Response.json({ ...ID_JAG, ...members });
    await using server = await startScriptedServer(exchanging(exchanged));
    await using proxy = startProxy({ env: enterprise(server) });
    const { error } = await answered(proxy, 1);
    assertStringIncludes(error.message, "token_type");
    assertEquals(server.received("token").length, 1);
  });
}

Deno.test("a secret comes from a command, run once, and is hidden", async () => {
  const counter = await Deno.makeTempFile();
  const script = `Deno.writeTextFileSync(${JSON.stringify(counter)}, "x", { append: true });
    console.log("secret-of-the-vault")`;
  const command = JSON.stringify([Deno.execPath(), "eval", script]);
  try {
    await withProxy(singleUse(), async ({ proxy, server }) => {
      await answered(proxy, 1);
      await answered(proxy, 2);
      const secrets = server.received("token").map((request) => form(request).client_secret);
      assertEquals(secrets, ["secret-of-the-vault", "secret-of-the-vault"]);
      assertEquals(await Deno.readTextFile(counter), "x");
      await proxy.closeStdin();
      await proxy.status;
      assert(!proxy.stderr.includes("secret-of-the-vault"));
    }, { env: { MCP_CLIENT_SECRET: "", MCP_CLIENT_SECRET_COMMAND: command } });
  } finally {
    await Deno.remove(counter);
  }
});

Deno.test("a command that fails is the error, and what it printed is not in it", () => {
  const script = `console.log("half-a-secret"); console.error("and-more"); Deno.exit(4)`;
  return withProxy({}, async ({ proxy, server }) => {
    const { error } = await answered(proxy, 1);
    assertStringIncludes(error.message, "MCP_CLIENT_SECRET_COMMAND");
    assertStringIncludes(error.message, "code 4");
    await proxy.closeStdin();
    await proxy.status;
    assert(!/half-a-secret|and-more/.test(error.message + proxy.stderr));
    assertEquals(server.received("token"), []);
  }, {
    revision: null,
    env: {
      MCP_CLIENT_SECRET: "",
      MCP_CLIENT_SECRET_COMMAND: JSON.stringify([Deno.execPath(), "eval", script]),
    },
  });
});

// Keycloak reports a wrong secret as unauthorized_client.
for (const code of ["invalid_client", "unauthorized_client"]) {
  Deno.test(`a secret that was changed in its file is read again after ${code}`, () =>
    withFile("old", (path) => {
      const refuseOld = (request: ScriptedRequest) =>
        form(request).client_secret === "old"
          ? Response.json({ error: code }, { status: 401 })
          : token();
      return withProxy({ token: refuseOld }, async ({ proxy, server }) => {
        await answered(proxy, 1);
        await Deno.writeTextFile(path, "new");
        assertEquals((await answered(proxy, 2)).error, undefined);
        const secrets = server.received("token").map((request) => form(request).client_secret);
        assertEquals(secrets, ["old", "old", "new"]);
      }, { revision: null, env: { MCP_CLIENT_SECRET: "", MCP_CLIENT_SECRET_FILE: path } });
    }));
}
