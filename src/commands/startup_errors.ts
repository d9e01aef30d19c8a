/** Reports why the program cannot start, and the exit code. */

import { internalCause, messageOf } from "../errors.ts";
import { plain } from "../log/escape.ts";
import { faultText } from "../log/fault.ts";
import { createLog } from "../log/log.ts";
import { createRedaction } from "../log/redaction.ts";
import type { Host, Runtime } from "../runtime/types.ts";
import { SETTINGS, SettingsError, type SettingsSource } from "../settings/settings.ts";
import { wrap } from "./wrap.ts";

/** What the further lines of a problem begin with. */
const HANGING = " ".repeat(4);

/** How the user reads the error, and starts this program. */
interface Terminal extends Pick<Runtime, "writeStderr"> {
  /** The command that starts this program. */
  readonly program: string;
  readonly os: Host["os"];
  /** Its width; absent if nobody reads it there. */
  readonly columns?: number;
}

/** Where to set what is missing or wrong, with an example for the user's shell. */
function howToSet({ program, os }: Terminal): string {
  const isWindows = os === "windows";
  const secret = isWindows
    ? '$env:MCP_CLIENT_SECRET = "my-secret"\n  '
    : "MCP_CLIENT_SECRET=my-secret ";
  return `Set them in the "env" of the entry in your MCP client, or on the command line:
  ${secret}${program} check ${isWindows ? "`" : "\\"}
    --client-id my-client --server-url https://mcp.example.com/mcp
To write an entry for your MCP client: ${program} config
`;
}

/** Arguments that cannot be used; each problem names what to do. */
export class UsageError extends Error {
  /** @ignore */
  override readonly name = "UsageError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/**
 * Writes why the program stops, in the log format of the settings.
 *
 * @returns the exit code: 2 if an argument or a setting is missing or wrong, otherwise 1
 */
export function reportError(
  error: unknown,
  source: SettingsSource,
  terminal: Terminal,
): number {
  const { writeStderr } = terminal;
  const isKnown = error instanceof SettingsError || error instanceof UsageError;
  const fault = internalCause(error);
  const problems = isKnown ? error.problems : [fault ? faultText(fault) : messageOf(error)];
  const warnings = error instanceof SettingsError ? error.warnings : [];
  if (isJson(source)) {
    const options = { level: "warn", format: "json", redaction: createRedaction() } as const;
    const log = createLog(options, writeStderr);
    for (const problem of problems) log.error("OAuth Proxy", problem);
    for (const warning of warnings) log.warn("OAuth Proxy", warning);
  } else if (error instanceof SettingsError) {
    const columns = terminal.columns && terminal.columns - HANGING.length;
    const lines = [...problems, ...warnings]
      .map((line) => `  ${wrap(line, columns).join(`\n${HANGING}`)}\n`).join("");
    writeStderr(
      `[OAuth Proxy] Cannot start because of these settings:\n${lines}${howToSet(terminal)}`,
    );
  } else {
    // Other errors may end with a command, which must stay on one line to be copied.
    const columns = isKnown ? terminal.columns : undefined;
    for (const problem of problems) {
      writeStderr(`${wrap(`[Error] ${plain(problem)}`, columns).join("\n")}\n`);
    }
  }
  return isKnown ? 2 : 1;
}

function isJson(source: SettingsSource): boolean {
  return SETTINGS.some((setting) => setting.key === "logFormat" && source(setting) === "json");
}
