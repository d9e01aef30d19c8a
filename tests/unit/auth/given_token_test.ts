import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createGivenToken,
  type TokenPlace,
  tokenPlaceFrom,
} from "../../../src/auth/given_token.ts";
import { ProxyError } from "../../../src/errors.ts";
import { createRedaction } from "../../../src/log/redaction.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { keptLog } from "../../parts/fake_http.ts";

const REFUSED = { status: 401, error: "invalid_token", forTokens: true };

/** A JWT that expires so many seconds after 1970. */
function jwt(exp: number, jti = "") {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  return `${part({ alg: "none" })}.${part({ exp, jti })}.c2ln`;
}

/** An authorization whose token is what the test says, at the time that it says. */
function given(first: string, changesAfter?: number) {
  const self = { text: first as string | Error, seconds: 1_000, reads: 0 };
  const place: TokenPlace = {
    variable: "MCP_ACCESS_TOKEN_FILE",
    read() {
      self.reads++;
      const { text } = self;
      return text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
    },
    changesAfter,
  };
  const redaction = createRedaction();
  const log = keptLog();
  const now = () => self.seconds * 1000;
  const authorization = createGivenToken(place, { redaction, log, now });
  return { self, redaction, log, authorization, token: async () => await authorization.token() };
}

Deno.test("an access token is read once, however many requests need it, and is hidden from the log", async () => {
  const { self, token, redaction, log } = given("opaque-token");
  const tokens = await Promise.all([token(), token(), token()]);
  assertEquals(tokens.map((one) => one?.accessToken), Array(3).fill("opaque-token"));
  self.seconds += 1_000_000;
  await token();
  assertEquals(self.reads, 1);
  assertEquals(redaction.redact("Bearer opaque-token"), "Bearer [redacted]");
  assert(!log.lines.join().includes("opaque-token"));
});

/** What is read from a file with this text. */
async function readFrom(text: string) {
  const env: Record<string, string> = {
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
    MCP_ACCESS_TOKEN_FILE: "/token",
  };
  const readTextFile = () => Promise.resolve(text);
  const settings = await readSettings(({ variable }) => env[variable], readTextFile);
  const run = () => Promise.reject(new Error("not needed"));
  return await tokenPlaceFrom(settings, { readTextFile, run }).read();
}

Deno.test("an access token that was copied with its scheme or a line break is sent without them", async () => {
  assertEquals(await readFrom("Bearer abc\r\n"), "abc");
});

for (
  const [what, text] of Object.entries({
    "two lines": "secret\nsecret",
    "JSON": '{"accessToken": "secret"}',
    "33 KB": "secret".repeat(6_000),
    "characters that a header cannot carry": "secr\u00e9t",
  })
) {
  Deno.test(`${what} is not an access token, and the error does not show it`, async () => {
    const error = await assertRejects(() => readFrom(text), ProxyError);
    assertStringIncludes(error.message, "MCP_ACCESS_TOKEN_FILE");
    assert(!error.message.includes("secr"));
    assertEquals(error.reason, "token");
  });
}

Deno.test("a file is read again a second later, and its new token is sent without a refusal", async () => {
  const { self, token } = given("one", 1_000);
  assertEquals((await token())?.accessToken, "one");
  self.text = "two";
  self.seconds += 0.5;
  assertEquals((await token())?.accessToken, "one");
  self.seconds += 1;
  assertEquals((await token())?.accessToken, "two");
});

Deno.test("a file that disappears for a moment does not lose the token", async () => {
  const { self, token, log } = given("one", 1_000);
  await token();
  self.text = new ProxyError("token", "the file is missing");
  self.seconds += 2;
  assertEquals((await token())?.accessToken, "one");
  assertStringIncludes(log.lines.at(-1)!, "the file is missing");
});

Deno.test("a command runs again shortly before its JWT expires, and no request waits for it", async () => {
  const { self, authorization, token } = given(jwt(1_300));
  await token();
  self.seconds = 1_269;
  await token();
  assertEquals(self.reads, 1);
  self.text = jwt(1_600);
  self.seconds = 1_271;
  const held = authorization.token();
  assert(!(held instanceof Promise));
  assertEquals(held?.accessToken, jwt(1_300));
  await Promise.resolve();
  await Promise.resolve();
  assertEquals((await token())?.accessToken, jwt(1_600));
  assertEquals(self.reads, 2);
});

Deno.test("an expired JWT is read again before it is sent, and the error is that of its source", async () => {
  const { self, token } = given(jwt(1_300));
  await token();
  self.text = new ProxyError("token", "gcloud ended with code 1");
  self.seconds = 1_301;
  await assertRejects(token, ProxyError, "gcloud ended with code 1");
  self.text = jwt(1_600);
  assertEquals((await token())?.accessToken, jwt(1_600));
});

Deno.test("after a refusal the token is read again, and the request is repeated if it has changed", async () => {
  const { self, authorization, token } = given("one");
  const sent = await token();
  self.text = "two";
  const answers = await Promise.all([1, 2, 3].map(() => authorization.challenged(REFUSED, sent)));
  assertEquals(answers, [true, true, true]);
  assertEquals(self.reads, 2);
  assertEquals((await token())?.accessToken, "two");
});

Deno.test("a token that is refused and has not changed is an error that names its setting, at once for all who wait", async () => {
  const { self, authorization, token } = given("one");
  const sent = await token();
  const challenge = { ...REFUSED, description: "audience is wrong" };
  for (let request = 0; request < 3; request++) {
    const error = await assertRejects(
      () => authorization.challenged(challenge, sent),
      ProxyError,
      "401: it refuses the access token of MCP_ACCESS_TOKEN_FILE. The server says: audience is wrong",
    );
    assertEquals([error.reason, error.details.mayHaveRun], ["unauthorized", false]);
  }
  assertEquals(self.reads, 2, "read again once, not for each refusal");
  self.text = "two";
  self.seconds += 6;
  assertEquals(await authorization.challenged(challenge, sent), true);
});

Deno.test("the error for a refused JWT says when it expired", async () => {
  const { authorization, token } = given(jwt(999));
  const sent = await token();
  await assertRejects(
    () => authorization.challenged(REFUSED, sent),
    ProxyError,
    "which expired at 1970-01-01T00:16:39.000Z",
  );
});

Deno.test("a token that lacks a scope is not read again", async () => {
  const { self, authorization, token } = given("one");
  const sent = await token();
  const challenge = { status: 403, error: "insufficient_scope", scope: "admin", forTokens: true };
  await assertRejects(() => authorization.challenged(challenge, sent), ProxyError, '"admin"');
  assertEquals(self.reads, 1);
});
