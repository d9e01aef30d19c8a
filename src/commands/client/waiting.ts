/** The line on a terminal while a command waits, with the server's progress. */

import { plain } from "../../log/escape.ts";
import type { Runtime } from "../../runtime/types.ts";
import { CLEAR_LINE, terminalSpinner } from "../spinner.ts";

/** Shows on a terminal that a command waits for the server. */
export interface WaitingLine {
  /** Whether there is a terminal that shows it. */
  readonly isShown: boolean;
  /** Writes a line of the log without mixing it with this line. */
  writeStderr(text: string): void;
  /** Takes a notification of the server, and shows its progress. */
  onNotification(method: string, params: unknown): void;
  stop(): void;
}

const TEXT = "Waiting for the server";
/** Columns that the spinner takes around its text. */
const FRAME = 4;

/** Starts the line on stderr, if that is a terminal. */
export async function startWaiting(runtime: Runtime): Promise<WaitingLine> {
  const machine = await runtime.host();
  const { writeStderr } = runtime;
  if (!machine.isTerminal("stderr") || runtime.env("TERM") === "dumb") {
    return { isShown: false, writeStderr, onNotification() {}, stop() {} };
  }
  const columns = (machine.columns() ?? 80) - FRAME;
  const spinner = terminalSpinner(writeStderr);
  spinner.start(TEXT);
  return {
    isShown: true,
    writeStderr: (text) => writeStderr(CLEAR_LINE + text),
    onNotification(method, params) {
      if (method === "notifications/progress") {
        spinner.start(progressText(params).slice(0, columns));
      }
    },
    stop: spinner.stop,
  };
}

/** The progress that a server reports, in one line: `Copying files (3 of 10)`. */
export function progressText(params: unknown): string {
  const { progress, total, message } = Object(params);
  const text = typeof message === "string" && message.trim() !== ""
    ? plain(message.replace(/\s+/g, " ").trim())
    : TEXT;
  if (typeof progress !== "number") return text;
  return `${text} (${progress}${typeof total === "number" ? ` of ${total}` : ""})`;
}
