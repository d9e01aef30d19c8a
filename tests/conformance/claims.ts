/**
 * What we read ourselves from the traffic that the suite logs in a run. Where a check looks at the
 * authorization request of a browser, the same rule can be read from our token requests instead.
 */

import type { Check } from "./checks.ts";

/** A statement about one run's traffic. */
export interface Claim {
  /** Short name for the table. */
  readonly id: string;
  /** What went wrong, or `undefined` where the statement holds. */
  failure(checks: readonly Check[]): string | undefined;
}

interface Message {
  readonly method?: string;
  readonly path?: string;
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** Messages that the suite's request logger noted under `id`. */
function logged(checks: readonly Check[], id: string): Message[] {
  return checks.filter((check) => check.id === id).map((check) => (check.details ?? {}) as Message);
}

/** Forms POSTed to a token endpoint of a scenario's authorization servers, in order. */
function tokenRequests(checks: readonly Check[]): Record<string, string | undefined>[] {
  return logged(checks, "incoming-auth-request")
    .filter(({ method, path }) => method === "POST" && path?.endsWith("/token"))
    .map(({ body }) => (body ?? {}) as Record<string, string | undefined>);
}

function show(scopes: readonly (string | undefined)[]): string {
  return scopes.map((scope) => scope ?? "(none)").join(", ") || "no token request at all";
}

function sameScopes(a: string | undefined, b: string | undefined): boolean {
  const sorted = (scopes?: string) => scopes?.split(" ").sort().join(" ");
  return sorted(a) === sorted(b);
}

/** The claims that scenarios use. */
export const claims = {
  /** The token is asked for exactly once. */
  oneTokenRequest: {
    id: "one token request",
    failure(checks) {
      const count = tokenRequests(checks).length;
      return count === 1 ? undefined : `${count} token requests`;
    },
  },

  /** No credential leaves the client. */
  noTokenRequest: {
    id: "no token request",
    failure(checks) {
      const count = tokenRequests(checks).length;
      return count === 0 ? undefined : `${count} token requests`;
    },
  },

  /** There is a token request, and each asks for just `scope`; `undefined`: has no such parameter. */
  scopeOfEveryTokenRequest(scope: string | undefined) {
    return {
      id: scope === undefined ? "token request without scope" : `token request for ${scope}`,
      failure(checks) {
        const asked = tokenRequests(checks).map((form) => form.scope);
        const right = asked.length > 0 && asked.every((one) => sameScopes(one, scope));
        return right ? undefined : `asked for ${show(asked)}`;
      },
    };
  },

  /**
   * The first token request asks for `first`. Those after 403 insufficient_scope ask for the union with
   * what the 403 names; there are none where it names nothing new.
   */
  stepUp(first: string) {
    return {
      id: `token request for ${first}, then for the union with what 403 names`,
      failure(checks) {
        const asked = tokenRequests(checks).map((form) => form.scope);
        const named = logged(checks, "outgoing-response")
          .filter(({ statusCode }) => statusCode === 403)
          .flatMap(({ headers }) =>
            headers?.["www-authenticate"]?.match(/scope="([^"]*)"/)?.[1] ?? []
          )
          .flatMap((scopes) => scopes.split(" "));
        const union = [...new Set([first, ...named])].join(" ");
        const right = asked.length === 1
          ? union === first && asked[0] === first
          : asked.length > 1 && union !== first &&
            asked.every((one, index) => sameScopes(one, index === 0 ? first : union));
        return right ? undefined : `asked for ${show(asked)}`;
      },
    };
  },

  /** A server that always answers 403 is asked three times at most, with three tokens at most. */
  atMostThreeAttempts: {
    id: "at most three attempts",
    failure(checks) {
      const tokens = tokenRequests(checks).length;
      const statuses = logged(checks, "outgoing-response").map(({ statusCode }) => statusCode);
      const refusals = statuses.filter((status) => status === 403 || status === 410).length;
      const right = tokens >= 1 && tokens <= 3 && refusals >= 1 && refusals <= 3;
      return right ? undefined : `${tokens} token requests, ${refusals} refusals`;
    },
  },

  /** The authorization server's nonce is taken up: its refusal is followed by success. */
  tokenRequestRepeatedWithNonce: {
    id: "token request repeated with nonce",
    failure(checks) {
      const statuses = logged(checks, "outgoing-auth-response")
        .filter(({ path }) => path?.endsWith("/token"))
        .map(({ statusCode }) => statusCode);
      return statuses.join() === "400,200" ? undefined : `answers ${statuses.join(", ") || "none"}`;
    },
  },
} satisfies Record<string, Claim | ((...args: never[]) => Claim)>;
