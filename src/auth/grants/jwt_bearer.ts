import type { Target } from "../tokens/target.ts";
import type { TokenClient } from "../tokens/token_client.ts";
import type { Grant } from "./grant.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * An assertion of another issuer, such as a cluster or a CI, for a token (RFC 7523 section 2.1).
 *
 * @param assertionFor reads or gets the assertion for a target, in so many milliseconds
 */
export function jwtBearer(
  client: TokenClient,
  assertionFor: (target: Target, left: number) => Promise<string>,
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
