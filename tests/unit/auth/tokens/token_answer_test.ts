import { assert, assertEquals, assertThrows } from "@std/assert";
import { objectIn } from "../../../../src/json/value.ts";
import {
  type Expected,
  oauthErrorOf,
  readTokenAnswer,
} from "../../../../src/auth/tokens/token_answer.ts";

const BEARER: Expected = { tokenType: "bearer" };
const USUAL = { access_token: "abc", token_type: "Bearer", expires_in: 300 };

/** What becomes of an answer with other members than usual. */
function read(members: Record<string, unknown>, expected = BEARER) {
  return readTokenAnswer({ ...USUAL, ...members }, expected);
}

Deno.test("an answer that follows the standard is read without a warning", () => {
  for (const token_type of ["Bearer", "bearer", "BEARER"]) {
    const { tokens, oddities } = read({ token_type, scope: "read write" });
    assertEquals(oddities, []);
    assertEquals(tokens, { accessToken: "abc", expiresIn: 300, scope: "read write" });
  }
});

Deno.test("what a server leaves out with null is left out, without a warning", () => {
  const { tokens, oddities } = read({ expires_in: null, scope: null, refresh_token: null });
  assertEquals([tokens.expiresIn, tokens.scope, oddities], [undefined, undefined, []]);
});

for (
  const token_type of ["BearerToken", "bearer_token", "JWT", "", "  ", " Bearer ", null, undefined]
) {
  Deno.test(`token_type ${JSON.stringify(token_type)} counts as Bearer, with one warning`, () => {
    const { tokens, oddities } = read({ token_type });
    assertEquals(tokens.accessToken, "abc");
    assertEquals(oddities.length, 1);
    assert(oddities[0].includes("token_type"));
  });
}

for (const expires_in of ["", -1, "-1", "soon", "1h", true, {}, Infinity]) {
  Deno.test(`expires_in ${JSON.stringify(expires_in)} means an unknown lifetime, with one warning`, () => {
    const { tokens, oddities } = read({ expires_in });
    assertEquals(tokens.expiresIn, undefined);
    assertEquals(oddities.length, 1);
    assert(oddities[0].includes("expires_in"));
  });
}

Deno.test("expires_in may be a text, and 0", () => {
  assertEquals(read({ expires_in: "300" }).tokens.expiresIn, 300);
  assertEquals(read({ expires_in: 0 }).tokens.expiresIn, 0);
});

Deno.test("a line break after the token is dropped, with one warning", () => {
  const { tokens, oddities } = read({ access_token: "abc\r\n" });
  assertEquals([tokens.accessToken, oddities.length], ["abc", 1]);
});

Deno.test("a list of scopes is read like a text", () => {
  assertEquals(read({ scope: ["read", "write"] }).tokens.scope, "read write");
});

for (
  const [problem, members, expected = BEARER] of [
    ["access_token", { access_token: "" }],
    ["access_token", { access_token: " \n" }],
    ["access_token", { access_token: 42 }],
    ["access_token", { access_token: "a\nb" }],
    ["token_type", { token_type: "mac" }],
    ["MCP_DPOP=true", { token_type: "DPoP" }],
    ["unset MCP_DPOP", {}, { tokenType: "dpop" }],
    ["token_type", { token_type: undefined }, { tokenType: "dpop" }],
    ["token_type", {}, { tokenType: "n_a" }],
    ["issued_token_type", { token_type: "N_A" }, { tokenType: "n_a", issuedTokenType: "x" }],
  ] satisfies [string, Record<string, unknown>, Expected?][]
) {
  const what = `${JSON.stringify(members)} for ${expected.tokenType}`;
  Deno.test(`an answer with ${what} has no usable token, and the error says why`, () => {
    assertThrows(() => read(members, expected), Error, problem);
  });
}

Deno.test("an OAuth error is found whatever the status and the media type are", () => {
  const members = objectIn('{"error":"invalid_client","error_description":"No such client"}');
  assertEquals(oauthErrorOf(members), { code: "invalid_client", description: "No such client" });
  for (const text of ["", "[]", '"invalid_client"', '{"error":{}}', '{"error":""}', "<html>"]) {
    assertEquals(oauthErrorOf(objectIn(text)), undefined);
  }
});
