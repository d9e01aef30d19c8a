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
];

/** Checks of headers that HTTP has and stdio has not; what they find is the stand's doing. */
export const ABOUT_THE_STAND: Readonly<Record<string, string>> = {
  "sep-2243-server-validate-param-match": "leaves out a header that the proxy makes from the body",
  "sep-2243-server-reject-invalid-param-chars":
    "breaks a header that the proxy makes from the body",
  "sep-2243-server-reject-param-mismatch": "expects the refusal of such a request",
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
    await using server = startSuiteServer();
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
    !(id in ABOUT_THE_STAND) && (failed.includes(id) || !reported.includes(id))
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
