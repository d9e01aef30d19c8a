/**
 * The official suite's server scenarios, run against a server directly and through the proxy: whatever
 * passes directly has to pass through the proxy.
 */

import { type Check, type Verdict, verdicts } from "./checks.ts";
import { LATEST, NEXT, NEXT_MODERN, type Run } from "./scenarios.ts";
import { startStand } from "./stand/http_stand.ts";
import { startSuiteServer } from "./suite_server/suite_server.ts";

/** The runs, each at one revision of the protocol. */
export const SERVER_RUNS: readonly Run[] = [
  LATEST,
  { ...NEXT, title: `${NEXT.title}, 2025-11-25`, specVersion: "2025-11-25" },
  NEXT_MODERN,
  {
    ...NEXT,
    title: "2025-11-25, server of 2026-07-28",
    specVersion: "2025-11-25",
    client: "legacy",
  },
  {
    ...NEXT,
    title: "2026-07-28, server of 2025-11-25",
    specVersion: "2026-07-28",
    client: "modern",
  },
];

const OTHER_ERA = { legacy: "modern", modern: "legacy" } as const;

/** Checks of headers that HTTP has and stdio has not; what they find is the stand's doing. */
export const ABOUT_THE_STAND: Readonly<Record<string, string>> = {
  "sep-2243-server-validate-param-match": "leaves out a header that the proxy makes from the body",
  "sep-2243-server-reject-invalid-param-chars":
    "breaks a header that the proxy makes from the body",
  "sep-2243-server-reject-param-mismatch": "expects the refusal of such a request",
};

const ONE_BY_ONE =
  "the older server asks for one input after the other, and its requests have no keys";

/** Checks that no bridge can pass, because of what an older server does not have. */
export const NOT_BRIDGED: Readonly<Record<string, string>> = {
  "sep-2322-elicitation-incomplete": ONE_BY_ONE,
  "sep-2322-elicitation-complete": ONE_BY_ONE,
  "sep-2322-multiple-inputs-incomplete": ONE_BY_ONE,
  "sep-2322-multiple-inputs-complete": ONE_BY_ONE,
  "sep-2322-respect-client-capabilities":
    "the tool reads the capabilities of the request, which a session has only at its start",
  "sep-2575-server-rejects-undeclared-capability":
    "the older server asks, is refused, and may go on without",
  "sep-2575-missing-capability-http-400": "follows from the one before",
};

/** A server scenario in one run, both ways. */
export interface Comparison {
  /** The suite's name of the scenario. */
  readonly scenario: string;
  /** The run. */
  readonly run: Run;
  /** Verdicts on the server itself. */
  readonly direct: readonly Verdict[];
  /** Verdicts on the same server behind the proxy. */
  readonly through: readonly Verdict[];
  /** Ids of checks that passed directly and not through the proxy. */
  readonly lost: readonly string[];
}

/**
 * Runs all server scenarios of the suite both ways.
 *
 * @param folder where the suite writes its results
 */
export async function compareServerScenarios(folder: string): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const run of SERVER_RUNS) {
    await using server = startSuiteServer(run.client && OTHER_ERA[run.client]);
    await using stand = startStand({
      MCP_SERVER_URL: server.protectedUrl,
      MCP_AUTH_SERVER_URL: server.tokenEndpoint,
      MCP_CLIENT_ID: "conformance-client",
      MCP_CLIENT_SECRET: "conformance-secret",
    });
    const results = `${folder}/${run.title.replaceAll(/[^\w.-]+/g, "_")}`;
    const direct = await runSuite(server.url, run, `${results}/direct`);
    const through = await runSuite(stand.url, run, `${results}/through`);
    for (const scenario of direct.keys()) {
      comparisons.push(
        compare(scenario, run, direct.get(scenario) ?? [], through.get(scenario) ?? []),
      );
    }
  }
  return comparisons;
}

function compare(
  scenario: string,
  run: Run,
  directChecks: readonly Check[],
  throughChecks: readonly Check[],
): Comparison {
  const direct = verdicts(directChecks, []);
  const through = verdicts(throughChecks, []);
  const passed = direct.filter(({ outcome }) => outcome === "passed").map(({ id }) => id);
  const failed = through.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
  // A check may end as mere information, as where a stream stays open that may as well break.
  const reported = throughChecks.map(({ id }) => id);
  const lost = passed.filter((id) =>
    !(id in ABOUT_THE_STAND) && !(run.client && id in NOT_BRIDGED) &&
    (failed.includes(id) || !reported.includes(id))
  );
  return { scenario, run, direct, through, lost };
}

/** What the suite reports, by scenario. */
async function runSuite(url: string, run: Run, folder: string): Promise<Map<string, Check[]>> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-config", "--no-lock"],
      `npm:@modelcontextprotocol/conformance@${run.release}`,
      ...["server", "--url", url, "--suite", "all", "-o", folder],
      ...(run.specVersion ? ["--spec-version", run.specVersion] : []),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  await Deno.writeFile(`${folder}/suite.txt`, new Uint8Array([...stdout, ...stderr]));

  const byScenario = new Map<string, Check[]>();
  const written = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory);
  for (const { name } of written.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    byScenario.set(scenario, JSON.parse(await Deno.readTextFile(`${folder}/${name}/checks.json`)));
  }
  return byScenario;
}
