/** A secret that is read from a file or a command when it is first needed. */

import { messageOf, rethrowFault } from "../../errors.ts";
import type { Runtime } from "../../runtime/types.ts";
import { withoutMarks } from "../../json/text.ts";
import { readSecretFile } from "../../settings/secret_file.ts";
import { failure } from "./token_errors.ts";
import { SECRET_VARIABLES } from "../../settings/settings.ts";
import { COMMAND_TIMEOUT, MAX_SECRET } from "../../limits.ts";

/** Reads a secret from its source. Rejects with a {@linkcode ProxyError}. */
export type SecretReader = () => Promise<string>;

/** A secret that is read when it is first needed, and kept. */
export interface SecretSource {
  /** The secret; several callers share one read. */
  get(): Promise<string>;
  /** Reads a secret again that was refused. @returns whether it was in use and has changed */
  renew(): Promise<boolean>;
}

/**
 * Creates a {@linkcode SecretSource}.
 *
 * @param read reads the secret
 * @param hide keeps the secret out of logs and errors
 * @param held the secret, if it has been read already
 */
export function createSecret(
  read: SecretReader,
  hide: (secret: string) => void,
  held?: string,
): SecretSource {
  let reading: Promise<string> | undefined;
  function readOnce(): Promise<string> {
    reading ??= read().then((secret) => {
      hide(secret);
      return held = secret;
    }).finally(() => reading = undefined);
    return reading;
  }
  return {
    get: () => held === undefined ? readOnce() : Promise.resolve(held),
    async renew() {
      const before = held;
      return before !== undefined && await readOnce() !== before;
    },
  };
}

/**
 * A reader of a setting's file or command.
 *
 * @param variable the setting, `MCP_CLIENT_SECRET`; `_FILE` and `_COMMAND` are appended
 * @param from the sources of the secret; a command comes before a file
 * @param parse returns the secret of what was read, or throws an `Error` that says what is wrong
 */
export function secretReader(
  variable: string,
  from: { file?: string; command?: readonly string[] },
  machine: Pick<Runtime, "readTextFile" | "run">,
  parse: (text: string) => string = (text) => text,
): SecretReader | undefined {
  const { file, command } = from;
  const name = `${variable}_${command ? "COMMAND" : "FILE"}`;
  const read = command
    ? () => printed(command, machine.run)
    : file !== undefined && (() => readSecretFile(file, machine.readTextFile));
  return read
    ? async () => {
      try {
        const text = parse(await read());
        if (text.length > MAX_SECRET) throw new Error("the value is too long for a secret");
        return text;
      } catch (error) {
        rethrowFault(error);
        throw failure(`${name}: ${messageOf(error)}`, {}, error);
      }
    }
    : undefined;
}

/** What a command prints. An error does not show the output, which may contain part of a secret. */
async function printed(
  command: readonly string[],
  run: Runtime["run"],
): Promise<string> {
  const [program] = command;
  const signal = AbortSignal.timeout(COMMAND_TIMEOUT);
  let result;
  try {
    result = await run(command, { limit: MAX_SECRET, signal, hidden: SECRET_VARIABLES });
  } catch {
    // What cannot be started may be the secret itself, put into the wrong setting.
    if (!signal.aborted) {
      throw new Error(
        "the program cannot be started; is it installed and on the PATH? The setting needs a " +
          "command that prints the secret, and not the secret",
      );
    }
  }
  if (!result || signal.aborted) {
    throw new Error(`${program} did not finish within ${COMMAND_TIMEOUT / 1000}s`);
  }
  if (result.stdout.length > MAX_SECRET) {
    throw new Error(`${program} printed more than the maximum length of a secret`);
  }
  if (result.code !== 0) {
    throw new Error(`${program} ended with code ${result.code}; run it in a terminal to see why`);
  }
  const secret = withoutMarks(result.stdout);
  if (secret === "") throw new Error(`${program} printed nothing`);
  return secret;
}
