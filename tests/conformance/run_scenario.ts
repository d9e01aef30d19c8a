/** Runs one scenario of the official suite with our test client, and judges what it reports. */

import { type Check, type Verdict, verdicts } from "./checks.ts";
import { nameIn, type Run, type Scenario } from "./scenarios.ts";

/** What came of a scenario in one run. */
export interface Outcome {
  /** The scenario. */
  readonly scenario: Scenario;
  /** The run. */
  readonly run: Run;
  /** The suite's checks, our claims, and the client's own view. */
  readonly verdicts: readonly Verdict[];
}

/** Longest time for a scenario, in milliseconds; the limit that the suite is given for its client. */
const LIMIT = 120_000;

/**
 * Starts the suite's release with `scenario` and gives the verdicts.
 *
 * @param folder where the suite writes its results; what it and the client said is kept there, too
 */
export async function runScenario(scenario: Scenario, run: Run, folder: string): Promise<Outcome> {
  const name = nameIn(scenario, run.release);
  const results = `${folder}/${run.title.replaceAll(/[^\w.-]+/g, "_")}/${name}`;
  await Deno.remove(results, { recursive: true }).catch(() => {});
  await Deno.mkdir(results, { recursive: true });
  const suite = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-config", "--no-lock"],
      `npm:@modelcontextprotocol/conformance@${run.release}`,
      ...["client", "--command", clientCommand(run), "--scenario", name],
      ...["--timeout", String(LIMIT), "-o", results],
      ...(run.specVersion ? ["--spec-version", run.specVersion] : []),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  await Deno.writeFile(`${results}/suite.txt`, suite.stderr);

  const written = await resultFolder(results);
  const checks: Check[] = JSON.parse(await read(`${written}/checks.json`) ?? "[]");
  const said = (await read(`${written}/stdout.txt`))?.trim().split("\n").at(-1);
  return {
    scenario,
    run,
    verdicts: [
      ...verdicts(checks, scenario.demands, scenario.browser),
      ...(scenario.claims ?? []).map((claim): Verdict => {
        const reason = claim.failure(checks);
        return { id: `ours: ${claim.id}`, outcome: reason ? "failed" : "passed", reason };
      }),
      clientVerdict(scenario, said),
    ],
  };
}

/** The suite gives it to a shell, so the client is named by a URL, which has no spaces. */
function clientCommand({ client }: Run): string {
  const era = client ?? "any";
  return `"${Deno.execPath()}" run -A ${import.meta.resolve("./client.ts")} --client=${era}`;
}

function clientVerdict(scenario: Scenario, said: string | undefined): Verdict {
  const wanted = scenario.ends ?? "answers";
  const id = wanted === "answers"
    ? "ours: every request is answered"
    : "ours: the client gets an error";
  const { ended, reason } = parse(said);
  if (ended === wanted) return { id, outcome: "passed" };
  return {
    id,
    outcome: "failed",
    reason: reason ?? "the client gave up; its stderr.txt says why",
  };
}

function parse(line: string | undefined): { ended?: string; reason?: string } {
  try {
    return JSON.parse(line ?? "{}");
  } catch {
    return {};
  }
}

/** The suite makes a folder with the time in its name, below one for each part of the scenario's name. */
async function resultFolder(folder: string): Promise<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) return resultFolder(`${folder}/${entry.name}`);
  }
  return folder;
}

function read(path: string): Promise<string | undefined> {
  return Deno.readTextFile(path).catch(() => undefined);
}
