import { plain } from "../../log/escape.ts";
import type { Redaction } from "../../log/redaction.ts";
import { longestWord, wrap } from "../wrap.ts";
import type { Spinner } from "../spinner.ts";

/** How a step ended. */
export type Outcome = "ok" | "skipped" | "warning" | "failed";

/** The result of a step. */
export interface Finding {
  /** What was found, in one line. */
  readonly message: string;
  /** What was tried, if it failed. */
  readonly tried?: string;
  /** What to do, a line each. */
  readonly next?: readonly string[];
  /** Named values for programs. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Shows the steps as they happen. */
export interface Report {
  /** Shows that a step has begun, until it ends. */
  begin(step: string): void;
  /** Shows how a step ended: the current one, unless another is named. */
  end(outcome: Outcome, finding: Finding, step?: string): void;
  /** The step that has begun and not ended. */
  readonly current?: string;
  /** The step that failed first. */
  readonly failed?: string;
  /** Shows the result of all steps. */
  sum(): void;
}

/** What every report needs. */
export interface ReportOptions {
  /** Writes text for the user. */
  readonly write: (text: string) => void;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Removes secrets from a finding. @default no secrets are known */
  readonly redact?: (finding: Finding) => Finding;
}

/** One JSON object per line: `step`, `outcome`, `ms`, `message`, on failure `tried` and `next`, and values. */
export function jsonReport(options: ReportOptions): Report {
  const line = (members: unknown) => options.write(`${JSON.stringify(members)}\n`);
  return createReport(options, {
    begin() {},
    end(step, outcome, ms, { message, tried, next, values }) {
      line({ step, outcome, ms, message, tried, next, ...values });
    },
    sum: (failed, ms) => line({ ok: failed === undefined, failed, ms }),
  });
}

const MARKS: Readonly<Record<Outcome, string>> = {
  ok: "✓",
  skipped: "–",
  warning: "!",
  failed: "✗",
};
/** Colours of ANSI terminals (ECMA-48, SGR). */
const COLOURS: Readonly<Record<Outcome, number>> = { ok: 32, skipped: 2, warning: 33, failed: 31 };
const DIM = 2;
const BOLD = 1;

/** Widths of the columns in front of what was found. */
const NAME_WIDTH = 21;
const TIME_WIDTH = 8;
const WIDE_INDENT = 2 + NAME_WIDTH + TIME_WIDTH + 2;
/** Indentation of what was found if it does not fit next to the columns. */
const NARROW_INDENT = 4;
/** Fewer characters are too narrow for lines that are wrapped. */
const NARROWEST = 40;
/** Stands before each advice. */
const ARROW = "→ ";

/** Settings of {@linkcode textReport}. */
export interface TextReportOptions extends ReportOptions {
  /** Whether to use the colours of a terminal. */
  readonly colours: boolean;
  /** Width of the terminal. @default lines are not wrapped */
  readonly columns?: number;
  /** Moves while a step takes time. @default none */
  readonly spinner?: Spinner;
}

/** For people: one line per step; longer lines are wrapped with a hanging indent. */
export function textReport(options: TextReportOptions): Report {
  const { write, colours, columns = Infinity, spinner } = options;
  const paint = (code: number, text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  return createReport(options, {
    begin: (step) => spinner?.start(step),
    end(step, outcome, ms, finding) {
      spinner?.stop();
      const mark = paint(COLOURS[outcome], MARKS[outcome]);
      const time = paint(DIM, `${ms} ms`.padStart(TIME_WIDTH));
      const head = `${mark} ${step.padEnd(NAME_WIDTH)}${time}`;
      const message = plain(finding.message);
      const tried = finding.tried === undefined ? [] : [`tried: ${plain(finding.tried)}`];
      const next = finding.next?.map(plain) ?? [];
      const isWide = fitsBeside([message, ...tried], next, columns - WIDE_INDENT);
      const indent = isWide ? WIDE_INDENT : NARROW_INDENT;
      const hang = " ".repeat(indent);
      const [first, ...rest] = [message, ...tried].flatMap((text) => wrap(text, columns - indent));
      write(isWide ? `${head}  ${first}\n` : `${head}\n${hang}${first}\n`);
      for (const line of rest) write(`${hang}${line}\n`);
      for (const advice of next) {
        const [first, ...rest] = wrap(advice, columns - indent - ARROW.length);
        write(`${hang}${paint(BOLD, ARROW + first)}\n`);
        for (const line of rest) write(`${hang}${" ".repeat(ARROW.length)}${paint(BOLD, line)}\n`);
      }
    },
    sum(failed, ms) {
      const text = failed === undefined
        ? `The connection works (${ms} ms)`
        : `Failed at: ${failed}`;
      write(`\n${paint(COLOURS[failed === undefined ? "ok" : "failed"], text)}\n`);
    },
  });
}

/** Whether texts can be read in so many columns: each on one line, or wrapped between words. */
function fitsBeside(
  texts: readonly string[],
  advice: readonly string[],
  columns: number,
): boolean {
  const all = [...texts, ...advice.map((text) => ARROW + text)];
  if (all.every((text) => text.length <= columns)) return true;
  const words = [
    ...texts.map(longestWord),
    ...advice.map((text) => longestWord(text) + ARROW.length),
  ];
  return columns >= NARROWEST && words.every((length) => length <= columns);
}

/** What all reports have in common: the current step, and how long it took. */
function createReport({ now, redact = (finding) => finding }: ReportOptions, format: {
  begin(step: string): void;
  end(step: string, outcome: Outcome, ms: number, finding: Finding): void;
  sum(failed: string | undefined, ms: number): void;
}): Report {
  const started = now();
  let since = started;
  let current: string | undefined;
  let failed: string | undefined;
  return {
    get current() {
      return current;
    },
    get failed() {
      return failed;
    },
    begin(step) {
      current = step;
      since = now();
      format.begin(step);
    },
    end(outcome, finding, step = current ?? "") {
      const ms = step === current ? now() - since : 0;
      if (step === current) current = undefined;
      if (outcome === "failed") failed ??= step;
      format.end(step, outcome, Math.round(ms), redact(finding));
      if (current !== undefined) format.begin(current);
    },
    sum: () => format.sum(failed, Math.round(now() - started)),
  };
}

/** A finding without the secrets that are known. */
export function redactedFinding(
  { message, tried, next, values }: Finding,
  { redact, redactMessage }: Redaction,
): Finding {
  return {
    message: redactMessage(message),
    tried: tried === undefined ? undefined : redactMessage(tried),
    next: next?.map(redactMessage),
    values: values && JSON.parse(
      JSON.stringify(values),
      (_name, value) => typeof value === "string" ? redact(value) : value,
    ),
  };
}
