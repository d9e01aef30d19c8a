import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Challenge } from "../../../../src/auth/discovery/challenge.ts";
import {
  createDiscovery,
  type DiscoveryOptions,
} from "../../../../src/auth/discovery/discovery.ts";
import { ProxyError } from "../../../../src/errors.ts";
import { RedirectElsewhere } from "../../../../src/http/redirects.ts";
import { fakeHttp, keptLog } from "../../../parts/fake_http.ts";

const ORIGIN = "https://mcp.example.com";
const RESOURCE = `${ORIGIN}/.well-known/oauth-protected-resource/mcp`;
const UNAUTHORIZED: Challenge = { status: 401, forTokens: true };
const LAST_RESORT = "https://last.example/token";

type Pages = Parameters<typeof fakeHttp>[0];

function discoveryOf(pages: Pages, options: Partial<DiscoveryOptions> = {}) {
  const { http, asked } = fakeHttp(pages);
  const log = keptLog();
  const discover = createDiscovery({
    serverUrl: new URL(`${ORIGIN}/mcp`),
    supports: () => true,
    allowHttp: false,
    allowPrivateAddresses: false,
    http,
    log,
    ...options,
  });
  return { discover, asked, log };
}

/** Resource metadata that names these issuers. */
const resource = (...issuers: string[]) => () =>
  Response.json({ resource: `${ORIGIN}/mcp`, authorization_servers: issuers });

/** Where an issuer without a path has its metadata. */
const place = (issuer: string) => `${issuer}/.well-known/oauth-authorization-server`;

const server = (issuer: string, members = {}) => () =>
  Response.json({ issuer, token_endpoint: `${issuer}/token`, ...members });

const ONE = "https://one.example";
const TWO = "https://two.example";

Deno.test("metadata of another issuer is refused", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE),
    [place(ONE)]: () => Response.json({ issuer: TWO, token_endpoint: `${ONE}/token` }),
  });
  const error = await assertRejects(() => discover(UNAUTHORIZED), ProxyError, TWO);
  assertEquals(error.reason, "token");
});

for (const [named, published] of [[ONE, `${ONE}/`], [`${ONE}/`, ONE]]) {
  Deno.test(`an issuer with and without the slash of an empty path is the same: ${named} publishes ${published}`, async () => {
    const { discover } = discoveryOf({
      [RESOURCE]: resource(named),
      [place(ONE)]: () => Response.json({ issuer: published, token_endpoint: `${ONE}/token` }),
    });
    assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, `${ONE}/token`);
  });
}

Deno.test("an issuer with a path that differs by a slash is refused, with what to set", async () => {
  const realm = `${ONE}/realm`;
  const { discover } = discoveryOf({
    [RESOURCE]: resource(realm),
    [`${ONE}/.well-known/oauth-authorization-server/realm`]: () =>
      Response.json({ issuer: `${realm}/`, token_endpoint: `${ONE}/token` }),
  });
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, "MCP_AUTH_ISSUER");
});

Deno.test("the issuer of MCP_AUTH_ISSUER is used with a warning if the server names another one", async () => {
  const { discover, log } = discoveryOf(
    { [RESOURCE]: resource(TWO), [place(ONE)]: server(ONE) },
    { issuer: ONE },
  );
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, ONE);
  assertStringIncludes(log.lines.join(), "MCP_AUTH_ISSUER");
});

Deno.test("metadata with a token endpoint that must not be used is refused", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE),
    [place(ONE)]: () => Response.json({ issuer: ONE, token_endpoint: "https://10.0.0.1/token" }),
  });
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, "MCP_ALLOW_PRIVATE_ADDRESSES");
});

Deno.test("of several authorization servers, the first suitable one is used", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE, TWO),
    [place(ONE)]: server(ONE, { grant_types_supported: ["authorization_code"] }),
    [place(TWO)]: server(TWO),
  }, { supports: ({ grant_types_supported }) => grant_types_supported === undefined });
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, TWO);
});

Deno.test("if no server offers it, the first one is used", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE, TWO),
    [place(ONE)]: server(ONE),
    [place(TWO)]: server(TWO),
  }, { supports: () => false });
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, ONE);
});

Deno.test("of several authorization servers, only the user's is used", async () => {
  const { discover, asked } = discoveryOf({
    [RESOURCE]: resource(ONE, TWO),
    [place(TWO)]: server(TWO),
  }, { issuer: TWO });
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, TWO);
  assert(!asked.some((url) => url.includes(ONE)));
});

Deno.test("the user's authorization server may be anywhere in the list", async () => {
  const others = [1, 2, 3, 4, 5, 6].map((number) => `https://as${number}.example`);
  const { discover, asked } = discoveryOf({
    [RESOURCE]: resource(...others, TWO),
    [place(TWO)]: server(TWO),
  }, { issuer: TWO });
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, TWO);
  assertEquals(asked, [`GET ${RESOURCE}`, `GET ${place(TWO)}`]);
});

Deno.test("a value that is not a list counts as not listed", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE),
    [place(ONE)]: server(ONE, {
      grant_types_supported: null,
      token_endpoint_auth_methods_supported: "client_secret_basic",
    }),
  });
  const { server: found } = (await discover(UNAUTHORIZED))!;
  assertEquals(found.grant_types_supported, undefined);
  assertEquals(found.token_endpoint_auth_methods_supported, undefined);
});

Deno.test("metadata that is too long is fetched only once", async () => {
  const { discover, asked } = discoveryOf({
    [RESOURCE]: resource(ONE),
    [place(ONE)]: () => new Response("x".repeat(2 ** 20 + 1)),
  });
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, "longer than");
  assertEquals(asked.filter((url) => url === `GET ${place(ONE)}`).length, 1);
});

Deno.test("an unreachable authorization server does not prevent the use of the next", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(ONE, TWO),
    [place(TWO)]: server(TWO),
  });
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, TWO);
});

Deno.test("the metadata of an authorization server is read once, that of the resource at each challenge", async () => {
  const { discover, asked } = discoveryOf({
    [RESOURCE]: resource(ONE),
    [place(ONE)]: server(ONE),
  });
  await discover(UNAUTHORIZED);
  await discover(UNAUTHORIZED);
  assertEquals(asked, [`GET ${RESOURCE}`, `GET ${place(ONE)}`, `GET ${RESOURCE}`]);
});

Deno.test("if resource metadata cannot be read any more, the last result is used", async () => {
  const answers = [resource(ONE)];
  const { discover, log } = discoveryOf({
    [RESOURCE]: () => answers.shift()?.() ?? retryLater(),
    [place(ONE)]: server(ONE),
  });
  await discover(UNAUTHORIZED);
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, ONE);
  assert(log.lines.some((line) => line.startsWith("warn") && line.includes("503")));
});

/** Asks for more patience than there is, so that nothing waits here. */
function retryLater(): Response {
  return new Response(null, { status: 503, headers: { "retry-after": "3600" } });
}

Deno.test("if resource metadata disappears, no credential goes to the last resort", async () => {
  const answers = [resource(ONE)];
  const { discover, asked, log } = discoveryOf({
    [RESOURCE]: () => answers.shift()?.() ?? new Response(null, { status: 404 }),
    [place(ONE)]: server(ONE),
  }, { lastResort: LAST_RESORT });
  await discover(UNAUTHORIZED);
  assertEquals((await discover(UNAUTHORIZED))?.server.issuer, ONE);
  assert(!asked.some((request) => request.startsWith("POST")));
  assert(log.lines.some((line) => line.startsWith("warn") && line.includes("no longer publishes")));
});

Deno.test("2025-03-26: metadata at the server's origin is used, with any path in its issuer", async () => {
  const issuer = `${ORIGIN}/oauth`;
  const { discover } = discoveryOf({ [place(ORIGIN)]: server(issuer) });
  const found = await discover(UNAUTHORIZED);
  assertEquals(found?.server.token_endpoint, `${issuer}/token`);
  assertEquals(found?.resource, undefined, "a parameter that the revision does not know");
});

Deno.test("2025-03-26: metadata at the server's origin with an issuer of another origin is refused", async () => {
  const { discover } = discoveryOf({ [place(ORIGIN)]: server(ONE) });
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, ONE);
});

Deno.test("2025-03-26: without metadata, the token endpoint is /token, if it answers like one", async () => {
  const { discover } = discoveryOf({
    [`${ORIGIN}/token`]: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  });
  assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, `${ORIGIN}/token`);
  await assertRejects(() => discoveryOf({}).discover(UNAUTHORIZED), ProxyError, "/token is not");
  const forAll = discoveryOf({ [`${ORIGIN}/token`]: () => Response.json({ access_token: "t" }) });
  assertEquals((await forAll.discover(UNAUTHORIZED))?.server.token_endpoint, `${ORIGIN}/token`);
  const page = discoveryOf({ [`${ORIGIN}/token`]: () => Response.json({ status: "ok" }) });
  await assertRejects(() => page.discover(UNAUTHORIZED), ProxyError, "/token is not");
});

Deno.test("version 1's endpoint is the last resort after a 401 without any metadata, with a warning", async () => {
  const { discover, asked, log } = discoveryOf({}, { lastResort: LAST_RESORT });
  assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, LAST_RESORT);
  assert(log.lines.some((line) => line.startsWith("warn") && line.includes(LAST_RESORT)));
  assertEquals(asked.at(-1), `POST ${ORIGIN}/token`, "asked first, without a credential");
});

Deno.test("if the server has its own token endpoint, the credential is not sent to version 1's default", async () => {
  const bodies: unknown[] = [];
  const { discover } = discoveryOf({
    [`${ORIGIN}/token`]: ({ body }) => {
      bodies.push(body);
      return Response.json({ error: "invalid_client" }, { status: 401 });
    },
  }, { lastResort: LAST_RESORT });
  assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, `${ORIGIN}/token`);
  assertEquals(bodies, ["grant_type=client_credentials"]);
});

Deno.test("a gateway that answers everything with 401 is not a token endpoint", async () => {
  const refuse = () => Response.json({ error: "unauthorized" }, { status: 401 });
  const { discover } = discoveryOf({ [`${ORIGIN}/token`]: refuse }, { lastResort: LAST_RESORT });
  assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, LAST_RESORT);
});

for (
  const [what, answer] of [
    ["a redirect to where people sign in", () => {
      throw new RedirectElsewhere();
    }],
    ["a long page for people", () => new Response("<p>Hello".repeat(20_000), { status: 404 })],
  ] satisfies [string, () => Response][]
) {
  Deno.test(`${what} is neither a token endpoint nor a network problem`, async () => {
    const { discover } = discoveryOf({ [`${ORIGIN}/token`]: answer }, { lastResort: LAST_RESORT });
    assertEquals((await discover(UNAUTHORIZED))?.server.token_endpoint, LAST_RESORT);
  });
}

Deno.test("no credential goes to the last resort while the server's own URLs fail", async () => {
  const { discover } = discoveryOf({ [RESOURCE]: retryLater }, { lastResort: LAST_RESORT });
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, "503");
});

Deno.test("no credential goes to the last resort after a 403", async () => {
  const { discover } = discoveryOf({}, { lastResort: LAST_RESORT });
  assertEquals(await discover({ status: 403, forTokens: false }), undefined);
});

Deno.test("no credential goes to the last resort if the metadata is wrong", async () => {
  const { discover } = discoveryOf(
    { [RESOURCE]: () => Response.json({ resource: "https://evil.example/mcp" }) },
    { lastResort: LAST_RESORT },
  );
  await assertRejects(() => discover(UNAUTHORIZED), ProxyError, "evil.example");
});

Deno.test("with MCP_AUTH_ISSUER, a server without metadata gets a token for its canonical URI", async () => {
  const { discover } = discoveryOf({ [place(ONE)]: server(ONE) }, {
    issuer: ONE,
    serverUrl: new URL(`${ORIGIN}/`),
  });
  const found = await discover(UNAUTHORIZED);
  assertEquals([found?.server.issuer, found?.resource], [ONE, ORIGIN]);
});

Deno.test("scopes for signed-in users are not requested, even if a server lists them", async () => {
  const scopes = ["openid", "mcp:tools", "offline_access", "profile", "email"];
  const { discover } = discoveryOf({
    [RESOURCE]: () =>
      Response.json({
        resource: `${ORIGIN}/mcp`,
        authorization_servers: [ONE],
        scopes_supported: scopes,
      }),
    [place(ONE)]: server(ONE),
  });
  assertEquals((await discover(UNAUTHORIZED))?.scope, "mcp:tools");
});

Deno.test("metadata with an issuer on another host: following the advice works", async () => {
  const { discover } = discoveryOf({
    [RESOURCE]: resource(`${ONE}/tenant/v2.0`),
    [`${ONE}/.well-known/oauth-authorization-server/tenant/v2.0`]: () =>
      Response.json({ issuer: `${TWO}/tenant/`, token_endpoint: `${ONE}/tenant/token` }),
  });
  const error = await assertRejects(() => discover(UNAUTHORIZED), ProxyError);
  assertStringIncludes(error.hint!, `MCP_AUTH_SERVER_URL=${ONE}/tenant/token`);
  assert(!error.message.includes("MCP_AUTH_ISSUER"));
});
