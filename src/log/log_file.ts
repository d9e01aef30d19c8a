import type { Runtime } from "../runtime/types.ts";
import type { FORMATS } from "./log.ts";

/**
 * Writes lines to stderr and to a file, for clients that hide stderr. In the file, lines of text begin
 * with the time.
 *
 * @param path of the file; without one, only stderr is written
 */
export async function stderrAndFile(
  path: string | undefined,
  format: typeof FORMATS[number],
  { writeStderr, logFile }: Pick<Runtime, "writeStderr" | "logFile">,
): Promise<(line: string) => void> {
  if (path === undefined) return writeStderr;
  const write = await logFile(path);
  return (line) => {
    writeStderr(line);
    write(format === "json" ? line : `${new Date().toISOString()} ${line}`);
  };
}
