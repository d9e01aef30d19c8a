import { assertEquals, assertStringIncludes } from "@std/assert";
import type { JWTPayload } from "jose";
import { startMcpServer } from "../../parts/mcp_server.ts";
import { runCommand } from "../../parts/run_command.ts";
import type { TokenReader } from "../../parts/token_verifier.ts";
import { askWhoAmI } from "../../parts/whoami.ts";
import { type KeyClient, MY_CLIENT, type SecretClient, SPECIAL_CLIENT } from "./clients.ts";
import { writeRow } from "./report.ts";

// The ways from a client's credential to a tool call, at an authorization server of another project.

/** An authorization server that runs and knows the clients. */
export interface RealAuthorizationServer {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly readToken: TokenReader;
  /** The client for `client_secret_post`, if a client has only one method. @default {MY_CLIENT} */
  readonly byPost?: SecretClient;
  /** A client with a key; undefined if the server has no way to register one. */
  readonly byKey?: KeyClient;
}

type Env = Readonly<Record<string, string>>;

/** The ways in the order of the table's columns. A way that a server does not have is undefined. */
const WAYS = {
  "discovery": () => secret(MY_CLIENT),
  "issuer": ({ issuer }) => ({ ...secret(MY_CLIENT), MCP_AUTH_ISSUER: issuer }),
  "token endpoint": ({ byPost = MY_CLIENT, ...server }) => ({
    ...secret(byPost),
    ...endpoint(server),
  }),
  "basic": (server) => ({
    ...secret(MY_CLIENT),
    ...endpoint(server),
    MCP_AUTH_METHOD: "client_secret_basic",
  }),
  "basic, special characters": (server) => ({
    ...secret(SPECIAL_CLIENT),
    ...endpoint(server),
    MCP_AUTH_METHOD: "client_secret_basic",
  }),
  "post": ({ byPost = MY_CLIENT, issuer }) => ({
    ...secret(byPost),
    MCP_AUTH_ISSUER: issuer,
    MCP_AUTH_METHOD: "client_secret_post",
  }),
  "key": ({ byKey, issuer }) => byKey && { ...key(byKey), MCP_AUTH_ISSUER: issuer },
  "key, token endpoint": ({ byKey, ...server }) => byKey && { ...key(byKey), ...endpoint(server) },
} satisfies Record<string, (server: RealAuthorizationServer) => Env | undefined>;

/** What happens, as the cells of the table say it. */
export type Outcomes =
  /** `yes`, `no: ` and the error, or `–` if the server does not have this way. */
  & Readonly<Record<keyof typeof WAYS, string>>
  & Readonly<{
    /** Whether the resource of the request is the audience of the token. */
    "`resource`": string;
    /** The answer to a wrong secret. */
    "wrong secret": string;
    /** The answer to a scope that does not exist. */
    "unknown scope": string;
  }>;

/** A row of the table. */
export interface Expectations {
  /** Name of the server, the same in each version. */
  readonly name: string;
  readonly version: string;
  readonly outcomes: Outcomes;
  /** What must be set in addition to the client and the URL of the MCP server. */
  readonly needs: string;
}

/**
 * Goes every way to a token, compares what happens with what is expected, and writes the server's
 * row of the table in docs/authorization-servers.md.
 *
 * @param port where the MCP server will listen, if the authorization server has to know it before
 */
export async function testWays(
  t: Deno.TestContext,
  server: RealAuthorizationServer,
  { name, version, needs, outcomes: expected }: Expectations,
  port = 0,
): Promise<void> {
  const accepted: JWTPayload[] = [];
  const scopes = ["mcp:tools"];
  await using mcpServer = await startMcpServer({
    authorizationServer: {
      issuer: server.issuer,
      jwksUri: "",
      async readToken(token) {
        const claims = await server.readToken(token);
        accepted.push(claims);
        return claims;
      },
    },
    scopes,
    port,
  });
  const base = { MCP_SERVER_URL: mcpServer.url, MCP_SCOPE: scopes.join(" ") };
  const found = { ...secret(MY_CLIENT), MCP_AUTH_ISSUER: server.issuer };

  const outcomes: Record<string, string> = {};
  /** A step that ends in one cell of the table. */
  const cell = (column: keyof Outcomes, see: () => Promise<{ outcome: string; log: string }>) =>
    t.step(`${column}: ${expected[column]}`, async () => {
      const { outcome, log } = await see();
      outcomes[column] = outcome;
      assertEquals(outcome, expected[column], log);
    });

  /** Calls a tool. */
  const call = async (env: Env) => {
    const { identity, error, log } = await askWhoAmI({ ...base, ...env });
    const code = error?.data?.oauthError ?? error?.message;
    return { outcome: identity ? "yes" : `no: \`${code}\``, error, log };
  };
  for (const [way, settings] of Object.entries(WAYS)) {
    const env = settings(server);
    if (env) await cell(way as keyof typeof WAYS, () => call(env));
    else outcomes[way] = "–";
  }

  /** Whether the token of a call is for the MCP server. */
  const isForServer = async (resource: string) => {
    const { outcome, log } = await call({ ...found, MCP_RESOURCE: resource });
    const audience = [accepted.at(-1)?.aud ?? []].flat().includes(mcpServer.url);
    return { outcome, log, audience };
  };
  await cell("`resource`", async () => {
    const named = await isForServer(mcpServer.url);
    if (named.outcome !== "yes") return named;
    const none = await isForServer("none");
    const becomes = named.audience && !none.audience;
    return { outcome: becomes ? "becomes `aud`" : "ignored", log: named.log };
  });

  /** What the authorization server answers to a request that it should refuse. */
  const refusal = async (env: Env, otherwise: string) => {
    const { error, log, outcome } = await call({ ...found, ...env });
    const { status, oauthError } = error?.data ?? {};
    if (oauthError) return { outcome: `\`${status} ${oauthError}\``, log };
    return { outcome: error ? outcome : otherwise, log };
  };
  const wrong = { MCP_CLIENT_SECRET: "wrong" };
  await cell("wrong secret", () => refusal(wrong, "accepted"));
  await cell("unknown scope", () => refusal({ MCP_SCOPE: "no-such-scope" }, "ignored"));

  await t.step("check finds nothing wrong", async () => {
    const { code, stdout, stderr } = await runCommand(["check"], { env: { ...base, ...found } });
    assertEquals(code, 0, stdout + stderr);
  });
  await t.step({
    name: "check names the setting of a wrong secret",
    ignore: expected["wrong secret"] === "accepted",
    async fn() {
      const env = { ...base, ...found, ...wrong };
      const { code, stdout, stderr } = await runCommand(["check"], { env });
      assertEquals(code, 1, stdout + stderr);
      assertStringIncludes(stdout, "MCP_CLIENT_SECRET");
    },
  });
  const columns = Object.keys(expected);
  await writeRow("authorization-servers.md", "ways", [
    "server",
    "version",
    ...columns,
    "what must be set",
  ], [name, version, ...columns.map((column) => outcomes[column] ?? "?"), needs]);
}

const secret = ({ clientId, clientSecret }: SecretClient): Env => ({
  MCP_CLIENT_ID: clientId,
  MCP_CLIENT_SECRET: clientSecret,
});

const key = ({ clientId, privateKey }: KeyClient): Env => ({
  MCP_CLIENT_ID: clientId,
  MCP_PRIVATE_KEY: privateKey,
});

const endpoint = ({ tokenEndpoint }: Pick<RealAuthorizationServer, "tokenEndpoint">): Env => ({
  MCP_AUTH_SERVER_URL: tokenEndpoint,
});
