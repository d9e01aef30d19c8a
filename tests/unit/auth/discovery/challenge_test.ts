import { assertEquals } from "@std/assert";
import { readChallenge } from "../../../../src/auth/discovery/challenge.ts";

const challengeOf = (header: string | undefined, status = 401) => {
  const headers: HeadersInit = header === undefined ? {} : { "www-authenticate": header };
  const { status: _status, ...challenge } = readChallenge(
    new Response(null, { status, headers }),
  );
  return challenge;
};

Deno.test("scope, error and metadata URL are read, in any order and with other parameters between them", () => {
  const header = `Bearer realm="a, b", error="invalid_token",  scope="one two" , ` +
    `error_description="wrong, audience", resource_metadata="https://mcp.example.com/meta?x=1,2"`;
  assertEquals(challengeOf(header), {
    error: "invalid_token",
    description: "wrong, audience",
    scope: "one two",
    resourceMetadata: "https://mcp.example.com/meta?x=1,2",
    forTokens: true,
  });
});

Deno.test("of several challenges, only those for access tokens count", () => {
  const header =
    `Basic realm="x", scope="no", Negotiate abc==, DPoP algs="ES256", BEARER scope=yes`;
  const { scope, forTokens } = challengeOf(header);
  assertEquals([scope, forTokens], ["yes", true]);
});

Deno.test("a missing challenge, another scheme and garbage have the same result", () => {
  for (const header of [undefined, `Basic realm="x"`, `"`, 'Bearer scope="open', ", ,"]) {
    const none = {
      error: undefined,
      description: undefined,
      scope: undefined,
      resourceMetadata: undefined,
    };
    assertEquals(challengeOf(header), { ...none, forTokens: false }, header);
  }
});
