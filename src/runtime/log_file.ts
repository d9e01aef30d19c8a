/** The log file: appends lines, and starts a new file when it is full. */

import * as fs from "node:fs";
import { fileError } from "./file_errors.ts";
import { MAX_LOG_FILE } from "../limits.ts";

/** Only the user may read the log. */
const OWNER_ONLY = 0o600;

/** The name of the file with the older lines. */
export function olderLog(path: string): string {
  return `${path}.1`;
}

/**
 * Opens a log file to append to, on Deno and on Node: both have `node:fs`. If it is full, it replaces the
 * older one, so that there are at most two files. Several processes can write to the same one.
 *
 * @returns writes text at once; never throws
 * @throws {Error} if the file cannot be written, with a message that can be shown to the user
 */
export function openLogFile(path: string, limit = MAX_LOG_FILE): (text: string) => void {
  const encoder = new TextEncoder();
  let file = open();

  function open(): number {
    try {
      // A FIFO would hang the start, and a link could lead to another file of the user.
      const found = fs.lstatSync(path, { throwIfNoEntry: false });
      if (found && !found.isFile()) throw new Error("it is not a regular file");
      const opened = fs.openSync(path, "a", OWNER_ONLY);
      if (found) fs.chmodSync(path, OWNER_ONLY);
      return opened;
    } catch (error) {
      throw fileError(path, "written", error);
    }
  }

  /** Makes room, unless another process has done so. */
  function makeRoom(): void {
    const { ino } = fs.fstatSync(file);
    if (fs.statSync(path, { throwIfNoEntry: false })?.ino === ino) {
      fs.renameSync(path, olderLog(path));
    }
    const next = open();
    fs.closeSync(file);
    file = next;
  }

  return (text) => {
    try {
      const bytes = encoder.encode(text);
      if (fs.fstatSync(file).size + bytes.length > limit) makeRoom();
      for (let written = 0; written < bytes.length;) {
        written += fs.writeSync(file, bytes.subarray(written));
      }
    } catch {
      // A full disk must not end the program. The lines are on stderr too.
    }
  };
}
