import { messageOf } from "../../errors.ts";
import { isSecretName } from "../../log/redaction.ts";
import type { Host, Runtime } from "../../runtime/types.ts";
import type { ClientEntry } from "../from_client/entry.ts";
import type { Finding, Outcome } from "./report.ts";

/** Milliseconds that the program of an entry may take to start. */
const START_WITHIN = 30_000;
/** Characters of its output that are read. */
const MAX_OUTPUT = 10_000;
const VERSION_NUMBER = /^\d+\.\d+\.\d+\S*$/m;

/**
 * Starts the program that an MCP client would start, only to print its version. A program that
 * works in this process may still not start from the entry, for example without the npm registry.
 */
export async function startEntry(
  { name, file, command, client }: ClientEntry,
  { run, host }: Pick<Runtime, "run" | "host">,
): Promise<{ outcome: Outcome; finding: Finding }> {
  const { os } = await host();
  const words = command.map(withoutSecret).join(" ");
  const where = `"${name}" in ${file}`;
  const values = { name, file, command: words };
  const failed = (message: string, ...next: string[]) => ({
    outcome: "failed" as const,
    finding: { message: `${where}: ${message}`, next, values },
  });
  const signal = AbortSignal.timeout(START_WITHIN);
  let result;
  try {
    const started = startable([...command, "--version"], os);
    result = await run(started, { limit: MAX_OUTPUT, signal });
  } catch (error) {
    if (!signal.aborted) {
      return failed(
        `${command[0]} cannot be started: ${messageOf(error)}`,
        `Install ${
          command[0]
        }, or change the entry so that it starts a program that ${client} finds`,
      );
    }
  }
  if (signal.aborted) {
    return failed(
      `${words} does not start within ${START_WITHIN / 1_000} s`,
      command.includes("npx")
        ? "npx may be unable to reach the npm registry: run the same command on a terminal, or " +
          "install the program with npm install -g mcp-oauth-proxy@2 and write the entry again " +
          "with config --run installed"
        : "Run the same command on a terminal",
    );
  }
  const { code = 1, stdout = "" } = result ?? {};
  if (code !== 0) {
    return failed(`${words} exits with code ${code}`, "Run the same command on a terminal");
  }
  const version = VERSION_NUMBER.exec(stdout)?.[0];
  if (!version) {
    const message = `${where}: ${words} starts, but prints no version, so it is not version 2`;
    return { outcome: "warning", finding: { message, values } };
  }
  const message = `${where}: ${words} starts version ${version}`;
  return { outcome: "ok", finding: { message, values: { ...values, version } } };
}

/** An argument such as `MCP_CLIENT_SECRET=…`, as `docker run` takes it, without its value. */
function withoutSecret(word: string): string {
  const [name] = word.split("=", 1);
  return word !== name && isSecretName(name) ? `${name}=[redacted]` : word;
}

/** Windows starts scripts such as `npx` only through `cmd`. */
function startable(command: readonly string[], os: Host["os"]): readonly string[] {
  return os === "windows" && !/\.exe$/i.test(command[0]) && command[0] !== "cmd"
    ? ["cmd", "/c", ...command]
    : command;
}
