import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Authorization, createAuthorization } from "../../../src/auth/authorization.ts";
import type { Challenge } from "../../../src/auth/discovery/challenge.ts";
import type { Target } from "../../../src/auth/tokens/target.ts";
import { createTokenSource } from "../../../src/auth/tokens/token_source.ts";
import { ProxyError } from "../../../src/errors.ts";
import { keptLog } from "../../parts/fake_http.ts";

const UNAUTHORIZED: Challenge = { status: 401, forTokens: true };
const insufficient = (scope?: string): Challenge => ({
  status: 403,
  error: "insufficient_scope",
  scope,
  forTokens: true,
});

interface World {
  readonly authorization: Authorization;
  /** Scopes of every token that was asked for, with the issuer before them. */
  readonly asked: string[];
  readonly log: ReturnType<typeof keptLog>;
  /** What discovery finds. */
  target: Target;
  /** What an authorization server refuses. */
  refuses?: string;
  /** Whether the credential may go to another authorization server. */
  portable: boolean;
  /** The time in milliseconds. */
  time: number;
}

/** An authorization whose tokens are called by what they were asked for with. */
function world(options: { fixed?: boolean; scope?: string; maxScope?: string } = {}): World {
  const issuer = "https://one.example";
  const target: Target = { server: { issuer, token_endpoint: issuer }, scope: options.scope };
  const asked: string[] = [];
  const log = keptLog();
  const authorization = createAuthorization({
    maxScope: options.maxScope,
    now: () => self.time,
    target: options.fixed ? target : undefined,
    discover: () => Promise.resolve(self.target),
    mayFollow: () => self.portable,
    tokensFor: ({ server, scope = "" }) =>
      createTokenSource(() => {
        asked.push(`${server.issuer} ${scope}`);
        if (scope !== self.refuses) {
          return Promise.resolve({ accessToken: `${asked.length} ${scope}` });
        }
        const details = { oauthError: "invalid_scope" };
        return Promise.reject(new ProxyError("token", "400 invalid_scope", details));
      }),
    log,
  });
  const self: World = { authorization, asked, log, target, portable: true, time: 0 };
  return self;
}

Deno.test("no token is requested before the server requires one", async () => {
  const { authorization, asked } = world();
  assertEquals(await authorization.token(), undefined);
  assert(await authorization.challenged(UNAUTHORIZED, undefined));
  assertEquals((await authorization.token())?.accessToken, "1 ");
  assertEquals(asked.length, 1);
});

Deno.test("where the token endpoint is set, the first request has its token", async () => {
  const { authorization } = world({ fixed: true });
  assertEquals((await authorization.token())?.accessToken, "1 ");
});

Deno.test("many messages that are refused together lead to one new token", async () => {
  const { authorization, asked } = world({ fixed: true });
  const token = await authorization.token();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => authorization.challenged(UNAUTHORIZED, token)),
  );
  assert(answers.every(Boolean));
  await Promise.all(Array.from({ length: 20 }, () => authorization.token()));
  assertEquals(asked.length, 2);
});

Deno.test("a message that was refused with the token before is sent again with this one", async () => {
  const { authorization, asked } = world({ fixed: true });
  const old = await authorization.token();
  await authorization.challenged(UNAUTHORIZED, old);
  await authorization.token();
  assert(await authorization.challenged(UNAUTHORIZED, old));
  await authorization.token();
  assertEquals(asked.length, 2);
});

Deno.test("a request for more scopes gets a token with the present and the missing scopes", async () => {
  const { authorization, asked } = world({ fixed: true, scope: "read list" });
  assert(await authorization.challenged(insufficient("write read"), await authorization.token()));
  assertEquals((await authorization.token())?.accessToken, "2 read list write");
  assertEquals(asked.length, 2);
});

Deno.test("scopes that were requested before are not requested again", async () => {
  const { authorization, asked } = world({ fixed: true, scope: "read" });
  const token = await authorization.token();
  assertEquals(await authorization.challenged(insufficient("read"), token), false);
  assertEquals(await authorization.challenged(insufficient(), token), false);
  assertEquals(asked.length, 1);
});

Deno.test("messages that miss different scopes each ask once, for all so far", async () => {
  const { authorization, asked } = world({ fixed: true });
  const token = await authorization.token();
  const scopes = ["one", "two", "three", "four"];
  await Promise.all(scopes.map(async (scope) => {
    assert(await authorization.challenged(insufficient(scope), token));
    assert((await authorization.token())?.accessToken.includes(scope));
  }));
  assertEquals((await authorization.token())?.accessToken, "5 one two three four");
  assertEquals(asked.length, 5);
});

Deno.test("scopes that are refused are requested once, and the present token stays", async () => {
  const self = world({ fixed: true, scope: "read" });
  const { authorization, asked } = self;
  self.refuses = "read admin";
  const token = await authorization.token();
  const challenge = insufficient("admin");
  await assertRejects(() => authorization.challenged(challenge, token), ProxyError, '"admin"');
  assertEquals(await authorization.token(), token);
  await assertRejects(() => authorization.challenged(challenge, token), ProxyError, '"admin"');
  assertEquals(asked.length, 2);
});

Deno.test("scopes that were added stay when the token is renewed", async () => {
  const { authorization } = world({ scope: "read" });
  await authorization.challenged(UNAUTHORIZED, undefined);
  await authorization.challenged(insufficient("write"), await authorization.token());
  await authorization.challenged(UNAUTHORIZED, await authorization.token());
  assertEquals((await authorization.token())?.accessToken, "3 read write");
});

Deno.test("later tokens come from the other authorization server, without the scopes of the first", async () => {
  const self = world({ scope: "read" });
  const { authorization, asked, log } = self;
  await authorization.challenged(UNAUTHORIZED, undefined);
  const token = await authorization.token();
  const issuer = "https://two.example";
  self.target = { server: { issuer, token_endpoint: issuer }, scope: "list" };
  assert(await authorization.challenged(UNAUTHORIZED, token));
  assertEquals((await authorization.token())?.accessToken, "2 list");
  assertEquals(asked.at(-1), "https://two.example list");
  assert(log.lines.some((line) => line.startsWith("warn") && line.includes(issuer)));
});

Deno.test("a secret of one authorization server is not sent to another, and an error says so", async () => {
  const self = world();
  const { authorization, asked } = self;
  await authorization.challenged(UNAUTHORIZED, undefined);
  const token = await authorization.token();
  const issuer = "https://two.example";
  self.target = { server: { issuer, token_endpoint: issuer } };
  self.portable = false;
  const answer = authorization.challenged(UNAUTHORIZED, token);
  const error = await assertRejects(() => answer, ProxyError, issuer);
  assert(error.message.includes("MCP_AUTH_ISSUER"));
  assertEquals(asked, ["https://one.example "]);
});

Deno.test("after an authorization server that gave no token, a challenge can name another", async () => {
  const self = world();
  const { authorization } = self;
  const right = self.target;
  const issuer = "https://wrong.example";
  self.target = { server: { issuer, token_endpoint: issuer }, scope: "wrong" };
  self.refuses = "wrong";
  await assertRejects(() => authorization.challenged(UNAUTHORIZED, undefined), ProxyError);
  assertEquals(await authorization.token(), undefined);
  self.target = right;
  assert(await authorization.challenged(UNAUTHORIZED, undefined));

  const token = await authorization.token();
  self.target = { server: { issuer, token_endpoint: issuer }, scope: "wrong" };
  await assertRejects(() => authorization.challenged(UNAUTHORIZED, token), ProxyError);
  assertEquals((await authorization.token())?.accessToken, "4 ", "of the one before");
});

Deno.test("MCP_SCOPE is the most that is requested, and the error names what is missing", async () => {
  const { authorization, asked } = world({ fixed: true, scope: "read", maxScope: "read" });
  const token = await authorization.token();
  const answer = authorization.challenged(insufficient("read admin:everything"), token);
  const error = await assertRejects(() => answer, ProxyError, '"admin:everything"');
  assert(error.message.includes("MCP_SCOPE"));
  assertEquals(error.details.status, 403);
  assertEquals(await authorization.token(), token);
  assertEquals(asked, ["https://one.example read"]);
});

Deno.test("a server that asks for one scope after the other gets ten, and the log says so", async () => {
  const { authorization, asked, log } = world({ fixed: true });
  for (let i = 0; i < 20; i++) {
    await authorization.challenged(insufficient(`scope-${i}`), await authorization.token());
  }
  await authorization.token();
  assertEquals(asked.length, 11);
  assert(log.lines.some((line) => line.startsWith("warn") && line.includes("MCP_SCOPE")));
});

Deno.test("scopes that add up to more than a thousand characters are not requested", async () => {
  const { authorization, asked } = world({ fixed: true });
  const challenge = insufficient("x".repeat(2_000));
  assertEquals(await authorization.challenged(challenge, await authorization.token()), false);
  assertEquals(asked.length, 1);
});

Deno.test("a server that refuses each token gets five new ones in a minute", async () => {
  const self = world({ fixed: true });
  const { authorization, asked } = self;
  const refuse = async () => authorization.challenged(UNAUTHORIZED, await authorization.token());
  for (let i = 0; i < 20; i++) assertEquals(await refuse(), i < 5);
  assertEquals(asked.length, 6);
  self.time += 60_000;
  assert(await refuse());
});
