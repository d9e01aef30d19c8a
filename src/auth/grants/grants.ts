import type { SecretReader } from "../client/secret_source.ts";
import type { Target } from "../tokens/target.ts";

/** A way to a token: what it adds to the token request. */
export interface Grant {
  /** `grant_type`. */
  readonly type: string;
  /** Its own parameters; created for each request. */
  parameters(target: Target): Promise<Readonly<Record<string, string>>>;
}

/** What grants are made of. */
export interface GrantSources {
  /** Reads the assertion of jwt-bearer. */
  readonly assertion?: SecretReader;
  /** Exchanges the user's identity assertion for one that is good at the target. */
  readonly exchange?: (target: Target) => Promise<string>;
}

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** The grants by the names of `MCP_GRANT`. One that is refused is not followed by another. */
export const GRANTS: Readonly<Record<string, (sources: GrantSources) => Grant>> = {
  /** RFC 6749 section 4.4. */
  "client_credentials": () => ({
    type: "client_credentials",
    parameters: () => Promise.resolve({}),
  }),
  /** RFC 7523 section 2.1: somebody else's word, as of a cluster or a CI, for a token. */
  "jwt-bearer": ({ assertion }) => ({
    type: JWT_BEARER,
    parameters: async () => ({ assertion: await assertion!() }),
  }),
  /** MCP ext-auth, "Enterprise-Managed Authorization": the word of the company's identity provider. */
  "enterprise-managed": ({ exchange }) => ({
    type: JWT_BEARER,
    parameters: async (target) => ({ assertion: await exchange!(target) }),
  }),
};

/** Whether metadata lists the grant; a server that lists none is taken at its word later. */
export function listsGrant(grant: Grant, supported: readonly string[] | undefined): boolean {
  return supported === undefined || supported.includes(grant.type);
}
