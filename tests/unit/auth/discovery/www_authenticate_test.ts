import { assertEquals } from "@std/assert";
import { parseChallenges } from "../../../../src/auth/discovery/www_authenticate.ts";

const parsed = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

for (
  const [header, ...challenges] of [
    ['Bearer realm="a, b", error=invalid_token', ["bearer", {
      realm: "a, b",
      error: "invalid_token",
    }]],
    ['bearer scope = "x"  ,, Error="say \\"no\\""', ["bearer", { scope: "x", error: 'say "no"' }]],
    ["Bearer", ["bearer", {}]],
    [' , Bearer , DPoP algs="ES256 RS256"', ["bearer", {}], ["dpop", { algs: "ES256 RS256" }]],
    ["Negotiate YWJj=, Bearer realm=x", ["negotiate", {}], ["bearer", { realm: "x" }]],
    ["Basic realm=x, Bearer scope=y, error=z", ["basic", { realm: "x" }], ["bearer", {
      scope: "y",
      error: "z",
    }]],
    ["Basic, Bearer scope=y", ["basic", {}], ["bearer", { scope: "y" }]],
    // Without the comma that has to be there.
    ['Bearer realm="x" error="y"', ["bearer", { realm: "x", error: "y" }]],
  ] as const
) {
  Deno.test(`a challenge is parsed: ${header}`, () => {
    assertEquals(
      parsed(header),
      challenges.map(([scheme, parameters]) => [scheme, { ...parameters }]),
    );
  });
}

for (
  const header of ["", ", ,", '"', 'Bearer scope="open', "Bearer =", "é", "Bearer (x)"]
) {
  Deno.test(`a header that is not a list of challenges has none: ${header}`, () =>
    assertEquals(parsed(header), []));
}
