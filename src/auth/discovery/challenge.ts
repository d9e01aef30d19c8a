import type { HttpResponse } from "../../runtime/types.ts";
import { parseChallenges, type ParsedChallenge } from "./www_authenticate.ts";
import { MAX_CHALLENGE } from "../../limits.ts";

/** What the MCP server requires when it refuses a request (RFC 6750 section 3). */
export interface Challenge {
  /** HTTP status: 401 or 403. */
  readonly status: number;
  /** `invalid_token`, `insufficient_scope` and the like. */
  readonly error?: string;
  /** What the server says about the error. */
  readonly description?: string;
  /** Scopes that the request needs, space separated. */
  readonly scope?: string;
  /** Where the protected resource metadata is (RFC 9728 section 5.1). */
  readonly resourceMetadata?: string;
  /** Whether only tokens that are bound by DPoP are accepted (RFC 9449 section 7.1). */
  readonly requiresProof?: boolean;
  /** Whether there was a challenge for a scheme that takes an access token. */
  readonly forTokens: boolean;
}

/** Schemes that take an access token. */
const SCHEMES = ["bearer", "dpop"];

/** The challenges of a response; none if the header cannot be parsed or is too long. */
export function challengesOf({ headers }: HttpResponse): readonly ParsedChallenge[] {
  const header = headers.get("www-authenticate");
  return header === null || header.length > MAX_CHALLENGE ? [] : parseChallenges(header);
}

/** Reads the challenge of a response; a header that cannot be parsed or is too long is ignored. */
export function readChallenge(response: HttpResponse): Challenge {
  const { status } = response;
  const usable = challengesOf(response).filter(({ scheme }) => SCHEMES.includes(scheme));
  const parameters = usable.map((challenge) => challenge.parameters);
  const first = (name: Lowercase<string>) => parameters.find((known) => known[name])?.[name];
  return {
    status,
    error: first("error"),
    description: first("error_description"),
    scope: first("scope"),
    resourceMetadata: first("resource_metadata"),
    ...usable.length > 0 && usable.every(({ scheme }) => scheme === "dpop")
      ? { requiresProof: true }
      : {},
    forTokens: parameters.length > 0,
  };
}
