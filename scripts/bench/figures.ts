/** The figures of a run: how they are called, and which way is better. */

/** One row of the table. */
export interface Figure {
  label: string;
  unit: string;
  /** Digits behind the point. */
  digits: number;
  better: "less" | "more";
}

const ms = (label: string, digits = 0): Figure => ({ label, unit: "ms", digits, better: "less" });
const perSecond = (label: string): Figure => ({ label, unit: "/s", digits: 0, better: "more" });
const mb = (label: string): Figure => ({ label, unit: "MB", digits: 0, better: "less" });

/** Every figure, in the order of the table. */
export const figures = {
  start: ms("start to answered initialize"),
  firstNotification: ms("first notification of a stream", 2),
  p50: ms("one call at a time, p50", 3),
  p99: ms("one call at a time, p99", 3),
  json64: perSecond("calls, 64 in flight, JSON"),
  sse64: perSecond("calls, 64 in flight, SSE"),
  echo8: ms("8 MB there and back"),
  echo32: ms("32 MB there and back"),
  idle: mb("memory, idle"),
  peakCalls: mb("memory, peak of small calls"),
  peak8: mb("memory, peak with 8 MB messages"),
  peak32: mb("memory, peak with 32 MB messages"),
  cpu: { label: "CPU for 10,000 calls", unit: "s", digits: 2, better: "less" },
  installedKB: { label: "installed size", unit: "KB", digits: 0, better: "less" },
  installedFiles: { label: "installed files", unit: "", digits: 0, better: "less" },
  installedPackages: { label: "installed packages", unit: "", digits: 0, better: "less" },
} satisfies Record<string, Figure>;

/** The name of a figure. */
export type FigureKey = keyof typeof figures;

/** What one piece of work gave: a value, or why there is none. */
export type Outcome = number | { missing: string };

/** Outcomes by figure. */
export type Outcomes = Partial<Record<FigureKey, Outcome>>;
