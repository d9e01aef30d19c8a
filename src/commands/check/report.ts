import { plain } from "../../log/escape.ts";
import { longestWord, wrap } from "../wrap.ts";
import type { Spinner } from "./spinner.ts";

/** How a step ended. */
export type Outcome = "ok" | "skipped" | "warning" | "failed";

/** What is to be said of a step. */
export interface Finding {
  /** What was found, in one line. */
  readonly message: string;
  /** What was tried, if it failed. */
  readonly tried?: string;
  /** What to do, a line each. */
  readonly next?: readonly string[];
  /** The same for programs: named values. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Tells of the steps as they happen. */
export interface Report {
  /** Says what is being done, until it has ended. */
  begin(step: string): void;
  /** Tells how a step ended; the one that has begun, unless another is named. */
  end(outcome: Outcome, finding: Finding, step?: string): void;
  /** The step that has begun and not ended. */
  readonly current?: string;
  /** The step that failed first. */
  readonly failed?: string;
  /** Says how it went. */
  sum(): void;
}

/** What a report is made of. */
export interface ReportOptions {
  /** Writes text for the user. */
  readonly write: (text: string) => void;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Removes secrets from the text. @default no secrets are known */
  readonly redact?: (text: string) => string;
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
/** Indentation of what was found if a word of it does not fit next to the columns. */
const NARROW_INDENT = 4;

/** Settings of {@linkcode textReport}. */
export interface TextReportOptions extends ReportOptions {
  /** Whether to use the colours of a terminal. */
  readonly colours: boolean;
  /** Width of the terminal. @default lines are not wrapped */
  readonly columns?: number;
  /** Shows that something is being done. @default nothing does */
  readonly spinner?: Spinner;
}

/** One step per line; longer lines are wrapped with a hanging indent. */
export function textReport(options: TextReportOptions): Report {
  const { write, colours, columns = Infinity, spinner } = options;
  const paint = (code: number, text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  return createReport(options, {
    begin: (step) => spinner?.start(step),
    end(step, outcome, ms, { message, tried, next = [] }) {
      spinner?.stop();
      const mark = paint(COLOURS[outcome], MARKS[outcome]);
      const time = paint(DIM, `${ms} ms`.padStart(TIME_WIDTH));
      const found = plain(message);
      const isWide = longestWord(found) <= columns - WIDE_INDENT;
      const indent = isWide ? WIDE_INDENT : NARROW_INDENT;
      const lines = wrap(found, columns - indent);
      const first = isWide ? `  ${lines.shift()}` : "";
      write(`${mark} ${step.padEnd(NAME_WIDTH)}${time}${first}\n`);
      const hang = " ".repeat(indent);
      for (const line of lines) write(`${hang}${line}\n`);
      if (tried) {
        for (const line of wrap(`tried: ${plain(tried)}`, columns - indent)) {
          write(`${hang}${line}\n`);
        }
      }
      for (const advice of next) {
        const [arrow, ...rest] = wrap(plain(advice), columns - indent - 2);
        write(`${hang}${paint(BOLD, `→ ${arrow}`)}\n`);
        for (const line of rest) write(`${hang}  ${paint(BOLD, line)}\n`);
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

/** What is common to all reports: which step it is, and how long it took. */
function createReport({ now, redact = (text) => text }: ReportOptions, form: {
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
      form.begin(step);
    },
    end(outcome, finding, step = current ?? "") {
      const ms = step === current ? now() - since : 0;
      if (step === current) current = undefined;
      if (outcome === "failed") failed ??= step;
      const shown = JSON.parse(
        JSON.stringify(finding),
        (_name, value) => typeof value === "string" ? redact(value) : value,
      );
      form.end(step, outcome, Math.round(ms), shown);
      if (current !== undefined) form.begin(current);
    },
    sum: () => form.sum(failed, Math.round(now() - started)),
  };
}
