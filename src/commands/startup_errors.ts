import { internalCause, messageOf } from "../errors.ts";
import { plain } from "../log/escape.ts";
import { faultText } from "../log/fault.ts";
import { createLog } from "../log/log.ts";
import { createRedaction } from "../log/redaction.ts";
import type { Runtime } from "../runtime/types.ts";
import { SETTINGS, SettingsError, type SettingsSource } from "../settings/settings.ts";

/** Where to set what is missing or wrong, with an example. */
const HOW_TO_SET = `Set them in the "env" of the entry in your MCP client, or on the command line:
  MCP_CLIENT_SECRET=my-secret mcp-oauth-proxy check \\
    --client-id my-client --server-url https://mcp.example.com/mcp
To write an entry for your MCP client: mcp-oauth-proxy config
`;

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
  { writeStderr }: Pick<Runtime, "writeStderr">,
): number {
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
    const lines = [...problems, ...warnings].map((line) => `  ${line}\n`).join("");
    writeStderr(`[OAuth Proxy] Cannot start because of these settings:\n${lines}${HOW_TO_SET}`);
  } else {
    for (const problem of problems) writeStderr(`[Error] ${plain(problem)}\n`);
  }
  return isKnown ? 2 : 1;
}

function isJson(source: SettingsSource): boolean {
  return SETTINGS.some((setting) => setting.key === "logFormat" && source(setting) === "json");
}
