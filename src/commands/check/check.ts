import { createRedaction, type Redaction } from "../../log/redaction.ts";
import {
  namedValues,
  type Setting,
  SETTINGS,
  type Settings,
  SettingsError,
} from "../../settings/settings.ts";
import { type Finding, jsonReport, redactedFinding, type Report, textReport } from "./report.ts";
import { startEntry } from "./start_entry.ts";
import { terminalSpinner } from "../spinner.ts";
import { STEP } from "./steps.ts";
import { diagnose } from "./diagnose.ts";
import type { Invocation } from "../command.ts";

/**
 * `check`: diagnoses the connection step by step, with the settings and the code of the proxy.
 *
 * @returns 0 if every step succeeds, 2 if the settings are wrong, 1 if another step fails
 */
export async function run(invocation: Invocation): Promise<number> {
  const { options, runtime } = invocation;
  const now = () => performance.timeOrigin + performance.now();
  let writing: Promise<unknown> = Promise.resolve();
  const write = (text: string) => {
    const chunk = new TextEncoder().encode(text);
    writing = writing.then(() => runtime.writeStdout(chunk)).catch(() => {});
  };
  const machine = await runtime.host();
  const isTerminal = machine.isTerminal("stdout");
  const isPlain = runtime.env("NO_COLOR") || runtime.env("TERM") === "dumb";
  let redaction = createRedaction();
  const redact = (finding: Finding) => redactedFinding(finding, redaction);
  const report = options.json ? jsonReport({ write, now, redact }) : textReport({
    write,
    now,
    redact,
    colours: isTerminal && !isPlain,
    columns: isTerminal ? machine.columns() : undefined,
    spinner: isTerminal && runtime.env("TERM") !== "dumb" ? terminalSpinner(write) : undefined,
  });
  await check(invocation, report, now, (settings) => {
    return redaction = createRedaction(namedValues(settings));
  });
  report.sum();
  await writing;
  if (report.failed === undefined) return 0;
  return report.failed === STEP.settings ? 2 : 1;
}

async function check(
  invocation: Invocation,
  report: Report,
  now: () => number,
  redactionFor: (settings: Settings) => Redaction,
): Promise<void> {
  if (invocation.entry) {
    report.begin(STEP.entry);
    const { outcome, finding } = await startEntry(invocation.entry, invocation.runtime);
    report.end(outcome, finding);
    if (outcome === "failed") return;
  }
  report.begin(STEP.settings);
  let settings;
  try {
    settings = await invocation.settings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const { problems, warnings } = error;
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    return report.end("failed", { message: count, next: [...problems, ...warnings] });
  }
  const redaction = redactionFor(settings);
  report.end(settings.warnings.length > 0 ? "warning" : "ok", {
    next: settings.warnings,
    message: `${named(invocation, "environment")}${named(invocation, "option")}`.slice(2),
    values: {
      environment: variables(invocation, "environment"),
      options: variables(invocation, "option"),
    },
  });
  await diagnose(settings, invocation.runtime, { report, redaction, now });
}

function named(invocation: Invocation, from: "environment" | "option"): string {
  const known = variables(invocation, from);
  const environment = invocation.entry ? "the entry" : "the environment";
  const where = `from ${from === "option" ? "options" : environment}`;
  return known.length === 0 ? "" : `; ${known.join(", ")} ${where}`;
}

function variables({ origin }: Invocation, from: "environment" | "option"): string[] {
  return SETTINGS.filter((setting: Setting) => origin(setting) === from)
    .map(({ variable }) => variable);
}
