import type { TokenClient } from "../tokens/token_client.ts";
import type { Grant } from "./grant.ts";

const grantType = "client_credentials";

/** The client's own credential for a token (RFC 6749 section 4.4). */
export function clientCredentials(client: TokenClient): Grant {
  const request = { grantType, parameters: {} };
  return {
    type: grantType,
    obtain: (target) => client.obtain(target, grantType, () => Promise.resolve(request)),
  };
}
