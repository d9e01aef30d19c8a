import type { Target } from "../tokens/target.ts";
import type { TokenClient } from "../tokens/token_client.ts";
import type { Grant } from "./grant.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Gets the assertion for a target, in so many milliseconds. */
export type AssertionFor = (target: Target, left: number) => Promise<string>;

/**
 * An assertion of another issuer, such as a cluster or a CI, for a token (RFC 7523 section 2.1).
 */
export function jwtBearer(
  client: TokenClient,
  assertionFor: AssertionFor,
): Grant {
  return {
    type: grantType,
    obtain: (target) =>
      client.obtain(target, grantType, async (left) => ({
        grantType,
        parameters: { assertion: await assertionFor(target, left) },
      })),
  };
}
