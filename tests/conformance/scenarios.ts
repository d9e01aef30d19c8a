/**
 * The official suite's client scenarios that the proxy is run against: in which runs, what the
 * test client does in each, which checks must pass, and which of them only a browser could pass.
 * `scripts/conformance.ts` runs this table and `docs/conformance.md` is generated from the outcome.
 */

import { type Claim, claims } from "./claims.ts";

/** One way to run the suite: a release of it, and the protocol revision its servers speak. */
export interface Run {
  /** Column heading and folder name. */
  readonly title: string;
  /** Exact version of npm `@modelcontextprotocol/conformance`. */
  readonly release: string;
  /** Value of `--spec-version`; unset: the suite's own default for the scenario. */
  readonly specVersion?: string;
  /** The era of the test client, if it is not the one of the server. */
  readonly client?: "legacy" | "modern";
}

/** Latest release of the suite, which knows nothing of 2026-07-28. */
export const LATEST: Run = { title: "0.1.16", release: "0.1.16" };

/** Next release of the suite, each scenario at the revision that introduced it. */
export const NEXT: Run = { title: "0.2.0-alpha.12", release: "0.2.0-alpha.12" };

/** Next release of the suite, scenarios of older revisions once more in the 2026-07-28 era. */
export const NEXT_MODERN: Run = {
  title: "0.2.0-alpha.12, 2026-07-28",
  release: "0.2.0-alpha.12",
  specVersion: "2026-07-28",
};

/** All runs, in the order of the generated table's columns. */
export const RUNS: readonly Run[] = [LATEST, NEXT, NEXT_MODERN];

/** A client of 2025-11-25 with the suite's servers of 2026-07-28. */
export const LEGACY_CLIENT: Run = {
  title: "2025-11-25 client, 2026-07-28 server",
  release: NEXT.release,
  specVersion: "2026-07-28",
  client: "legacy",
};

/** A client of 2026-07-28 with the suite's servers of 2025-11-25. */
export const MODERN_CLIENT: Run = {
  title: "2026-07-28 client, 2025-11-25 server",
  release: NEXT.release,
  specVersion: "2025-11-25",
  client: "modern",
};

/** The runs in which the proxy bridges, in the order of the columns of their table. */
export const BRIDGED_RUNS: readonly Run[] = [LEGACY_CLIENT, MODERN_CLIENT];

/** One scenario of the suite. */
export interface Scenario {
  /** The suite's name for it. */
  readonly name: string;
  /** Other names, by release, where the suite renamed it. */
  readonly names?: Readonly<Record<string, string>>;
  /** Runs it is part of. */
  readonly runs: readonly Run[];
  /** What the test client does: a key of the table in `flows.ts`. @default "session" */
  readonly flow?: string;
  /** The same with a client of the other era. @default the same */
  readonly bridgedFlow?: string;
  /** What the client is to see in the end: answers, or one JSON-RPC error. @default "answers" */
  readonly ends?: "answers" | "error";
  /** Ids of checks that must be reported, and pass. Others that are reported must not fail. */
  readonly demands: readonly string[];
  /** Ids of checks that a client without a browser cannot pass, with the reason. */
  readonly browser?: Readonly<Record<string, string>>;
  /** What we read from the same run beside the suite's checks. */
  readonly claims?: readonly Claim[];
  /** Measures time, so it runs after the others, and once more where it fails. @default false */
  readonly alone?: boolean;
}

const CODE = "made of the authorization request, which a browser sends";
const REDIRECT = "made of the redirect that ends an authorization request";
const REGISTRATION = "made of a client registration; our client id is given";
const CODE_GRANT = "recorded only for token requests with an authorization code";

const everywhere = [LATEST, NEXT, NEXT_MODERN];
const sinceNext = [NEXT];
const bothEras = [NEXT, NEXT_MODERN];
/** Of scenarios whose servers speak only 2025-11-25 in the suite. */
const legacyServers = [LATEST, NEXT, MODERN_CLIENT];
/** Of scenarios whose servers speak only 2026-07-28 in the suite. */
const modernServers = [NEXT, LEGACY_CLIENT];

/** Checks of the whole authorization code flow that nearly every auth scenario records. */
const codeFlow = {
  "client-registration": REGISTRATION,
  "authorization-request": CODE,
  "resource-parameter-in-authorization": CODE,
};

function metadata(name: string, ...more: string[]): Scenario {
  return {
    name,
    runs: everywhere,
    demands: [...more, "authorization-server-metadata", "token-request"],
    browser: codeFlow,
  };
}

function tokenEndpointAuth(name: string): Scenario {
  return {
    name,
    runs: everywhere,
    demands: [
      "token-endpoint-auth-method",
      "resource-parameter-in-token",
      "resource-parameter-valid-uri",
    ],
    browser: codeFlow,
  };
}

function redirectOnly(name: string, check: string): Scenario {
  return { name, runs: [NEXT], demands: [], browser: { [check]: REDIRECT } };
}

/** Scenarios of authorization (issue: every non-interactive way to a token). */
export const AUTH_SCENARIOS: readonly Scenario[] = [
  {
    name: "auth/client-credentials-jwt",
    runs: [LATEST, NEXT],
    demands: ["client-credentials-jwt-verified"],
  },
  {
    name: "auth/client-credentials-basic",
    runs: [LATEST, NEXT],
    demands: ["client-credentials-basic-auth"],
  },
  {
    name: "auth/wif-jwt-bearer",
    runs: [NEXT],
    demands: ["wif-assertion-verified"],
    claims: [claims.oneTokenRequest],
  },
  {
    name: "auth/enterprise-managed-authorization",
    names: { "0.1.16": "auth/cross-app-access-complete-flow" },
    runs: [LATEST, NEXT],
    demands: ["complete-flow-token-exchange", "complete-flow-jwt-bearer"],
  },
  { name: "auth/pre-registration", runs: everywhere, demands: ["pre-registration-auth"] },
  {
    name: "auth/resource-mismatch",
    runs: [LATEST, NEXT],
    ends: "error",
    demands: ["prm-pathbased-requested", "resource-mismatch-rejected"],
    claims: [claims.noTokenRequest],
  },
  {
    name: "auth/metadata-issuer-mismatch",
    runs: [NEXT],
    ends: "error",
    demands: ["sep-2468-client-validate-metadata-issuer"],
    claims: [claims.noTokenRequest],
  },
  metadata("auth/metadata-default", "prm-pathbased-requested"),
  metadata("auth/metadata-var1", "prm-pathbased-requested"),
  metadata("auth/metadata-var2"),
  metadata("auth/metadata-var3"),
  { ...metadata("auth/2025-03-26-oauth-metadata-backcompat"), runs: [LATEST, NEXT] },
  {
    ...metadata("auth/2025-03-26-oauth-endpoint-fallback"),
    runs: [LATEST, NEXT],
    demands: ["token-request"],
  },
  tokenEndpointAuth("auth/token-endpoint-auth-basic"),
  tokenEndpointAuth("auth/token-endpoint-auth-post"),
  tokenEndpointAuth("auth/token-endpoint-auth-none"),
  {
    name: "auth/scope-from-www-authenticate",
    runs: everywhere,
    // The suite's server gives a scope only to an authorization request, so the token stays short of it.
    ends: "error",
    demands: ["token-request"],
    browser: { "scope-from-www-authenticate": CODE },
    claims: [claims.scopeOfEveryTokenRequest("mcp:basic")],
  },
  {
    name: "auth/scope-from-scopes-supported",
    runs: everywhere,
    demands: ["token-request"],
    browser: { "scope-from-scopes-supported": CODE },
    claims: [claims.scopeOfEveryTokenRequest("mcp:basic mcp:read mcp:write")],
  },
  {
    name: "auth/scope-omitted-when-undefined",
    runs: everywhere,
    demands: ["token-request"],
    browser: { "scope-omitted-when-undefined": CODE },
    claims: [claims.scopeOfEveryTokenRequest(undefined)],
  },
  {
    name: "auth/scope-step-up",
    runs: everywhere,
    ends: "error",
    demands: ["token-request"],
    browser: {
      "scope-step-up-initial": CODE,
      "scope-step-up-escalation": CODE,
      "sep-2350-scope-union-on-reauth": CODE,
    },
    claims: [claims.stepUp("mcp:basic")],
  },
  {
    name: "auth/scope-retry-limit",
    runs: everywhere,
    ends: "error",
    demands: ["token-request"],
    browser: { "scope-retry-limit": CODE },
    claims: [claims.atMostThreeAttempts],
  },
  {
    name: "auth/basic-cimd",
    runs: everywhere,
    demands: ["token-request"],
    browser: { "cimd-client-id-used": CODE },
  },
  {
    name: "auth/offline-access-scope",
    runs: [LATEST, NEXT],
    demands: ["token-request"],
    browser: {
      "sep-2207-client-metadata-grant-types": REGISTRATION,
      "sep-2207-offline-access-requested": CODE,
    },
  },
  {
    name: "auth/offline-access-not-supported",
    runs: [LATEST, NEXT],
    demands: ["token-request"],
    browser: { "sep-2207-offline-access-not-requested": CODE },
  },
  {
    name: "auth/authorization-server-migration",
    runs: [NEXT],
    demands: ["sep-2352-no-reuse-on-as-change", "sep-2352-no-cross-as-credential-reuse"],
    browser: { "sep-2352-reregister-on-as-change": REGISTRATION },
  },
  {
    name: "auth/dpop",
    runs: sinceNext,
    demands: ["sep-1932-client-dpop-auth-scheme", "sep-1932-client-fresh-proof"],
    browser: { "sep-1932-client-token-request-proof": CODE_GRANT },
  },
  {
    name: "auth/dpop-nonce",
    runs: sinceNext,
    demands: [
      "sep-1932-client-dpop-auth-scheme",
      "sep-1932-client-fresh-proof",
      "sep-1932-client-rs-nonce",
    ],
    browser: {
      "sep-1932-client-token-request-proof": CODE_GRANT,
      "sep-1932-client-as-nonce": CODE_GRANT,
    },
    claims: [claims.tokenRequestRepeatedWithNonce],
  },
  {
    name: "auth/iss-supported",
    runs: [NEXT],
    demands: ["sep-2468-client-compare-iss-supported"],
  },
  { name: "auth/iss-not-advertised", runs: [NEXT], demands: ["sep-2468-client-proceed-no-iss"] },
  redirectOnly("auth/iss-supported-missing", "sep-2468-client-reject-missing-iss"),
  redirectOnly("auth/iss-wrong-issuer", "sep-2468-client-compare-iss-supported"),
  redirectOnly("auth/iss-unexpected", "sep-2468-client-compare-iss-unadvertised"),
  redirectOnly("auth/iss-normalized", "sep-2468-client-no-normalization"),
];

/** Scenarios of the protocol itself (issue: every revision of MCP). */
export const PROTOCOL_SCENARIOS: readonly Scenario[] = [
  {
    name: "initialize",
    runs: legacyServers,
    demands: ["mcp-client-initialization"],
  },
  { name: "tools_call", runs: [...everywhere, ...BRIDGED_RUNS], demands: ["tool-add-numbers"] },
  {
    name: "elicitation-sep1034-client-defaults",
    runs: legacyServers,
    demands: ["string", "integer", "number", "enum", "boolean"].map((type) =>
      `client-elicitation-sep1034-${type}-default`
    ),
  },
  {
    name: "sse-retry",
    runs: legacyServers,
    demands: [
      "client-sse-graceful-reconnect",
      "client-sse-retry-timing",
      "client-sse-last-event-id",
    ],
    alone: true,
  },
  {
    name: "request-metadata",
    runs: modernServers,
    flow: "versionNegotiation",
    bridgedFlow: "listTools",
    demands: [
      "sep-2575-http-client-sends-version-header",
      "sep-2575-client-populates-meta",
      "sep-2575-client-sends-client-info",
      "sep-2575-http-version-header-matches-meta",
      "sep-2575-client-declares-roots-capability",
      "sep-2575-client-declares-sampling-capability",
      "sep-2575-client-declares-elicitation-capability",
      "sep-2575-client-retry-supported-version",
    ],
  },
  {
    name: "http-standard-headers",
    runs: modernServers,
    flow: "everything",
    bridgedFlow: "everythingLegacy",
    demands: ["sep-2243-client-includes-standard-headers"],
  },
  {
    name: "http-custom-headers",
    runs: modernServers,
    flow: "givenToolCalls",
    demands: [
      "sep-2243-client-supports-custom-headers",
      "sep-2243-client-mirrors-designated-params",
      "sep-2243-client-encode-values",
      "sep-2243-client-base64-unsafe",
      "sep-2243-client-omit-null",
    ],
  },
  {
    name: "http-invalid-tool-headers",
    runs: modernServers,
    flow: "everyTool",
    demands: [
      "sep-2243-client-reject-invalid-tool",
      "sep-2243-x-mcp-header-not-empty",
      "sep-2243-x-mcp-header-charset",
      "sep-2243-x-mcp-header-unique",
      "sep-2243-x-mcp-header-primitive-only",
    ],
  },
  {
    name: "sep-2322-client-request-state",
    runs: modernServers,
    flow: "inputRequired",
    bridgedFlow: "askingTools",
    demands: [
      "sep-2322-client-request-state-echoed",
      "sep-2322-client-jsonrpc-id-different",
      "sep-2322-client-no-state-omitted",
      "sep-2322-client-parallel-isolation",
      "sep-2322-default-result-type-complete",
    ],
  },
  {
    name: "json-schema-ref-no-deref",
    runs: modernServers,
    flow: "listTools",
    demands: ["sep-2106-no-network-ref-deref"],
  },
  {
    name: "json-schema-2020-12-preservation",
    runs: [...bothEras, ...BRIDGED_RUNS],
    flow: "schemaEcho",
    demands: [
      "json-schema-2020-12-client-tool-found",
      "json-schema-2020-12-client-echo-completed",
      "json-schema-2020-12-client-$schema-preserved",
      "json-schema-2020-12-client-$defs-preserved",
      "json-schema-2020-12-client-additionalProperties-preserved",
      "sep-2106-client-composition-keywords-preserved",
      "sep-2106-client-conditional-keywords-preserved",
      "sep-2106-client-anchor-keyword-preserved",
    ],
  },
];

/** Every scenario, in the order of the generated table. */
export const SCENARIOS: readonly Scenario[] = [...PROTOCOL_SCENARIOS, ...AUTH_SCENARIOS];

/** The suite's name of a scenario in one release. */
export function nameIn(scenario: Scenario, release: string): string {
  return scenario.names?.[release] ?? scenario.name;
}

/** The scenario that a release knows as `name`, or `undefined`. */
export function scenarioNamed(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) =>
    scenario.name === name || Object.values(scenario.names ?? {}).includes(name)
  );
}
