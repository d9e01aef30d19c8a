import { ProxyError } from "../../errors.ts";
import type { Runtime } from "../../runtime/types.ts";
import { withoutMarks } from "../../json/text.ts";

/** Reads a secret from its source. Rejects with a {@linkcode ProxyError}. */
export type SecretReader = () => Promise<string>;

/** A secret that is kept once it has been read. */
export interface SecretSource {
  /** The secret; read when first needed, once however many wait for it. */
  get(): Promise<string>;
  /** Reads it again, since it was refused. @returns whether it was in use and has changed */
  renew(): Promise<boolean>;
}

/** Milliseconds that a command may take: a password manager may ask its user first. */
const COMMAND_TIMEOUT = 60_000;
/** Characters; a key or an assertion is a few thousand. */
const MAX_SECRET = 1 << 18;

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
 */
export function secretReader(
  variable: string,
  from: { file?: string; command?: readonly string[] },
  machine: Pick<Runtime, "readTextFile" | "run">,
): SecretReader | undefined {
  const { file, command } = from;
  if (command) return () => printed(`${variable}_COMMAND`, command, machine.run);
  if (file === undefined) return undefined;
  return async () => {
    const text = await machine.readTextFile(file).catch((error) => {
      throw failure(`${variable}_FILE`, (error as Error).message);
    });
    return checked(`${variable}_FILE`, text, `${file} is empty`);
  };
}

/** What a command prints. An error does not show the output, which may contain part of a secret. */
async function printed(
  variable: string,
  command: readonly string[],
  run: Runtime["run"],
): Promise<string> {
  const [program] = command;
  const signal = AbortSignal.timeout(COMMAND_TIMEOUT);
  let result;
  try {
    result = await run(command, { limit: MAX_SECRET, signal });
  } catch {
    if (!signal.aborted) {
      throw failure(variable, `${program} cannot be started; is it installed and on the PATH?`);
    }
  }
  if (!result || signal.aborted) {
    throw failure(variable, `${program} did not finish within ${COMMAND_TIMEOUT / 1000}s`);
  }
  if (result.stdout.length > MAX_SECRET) {
    throw failure(variable, `${program} printed more than the maximum length of a secret`);
  }
  if (result.code !== 0) {
    throw failure(
      variable,
      `${program} ended with code ${result.code}; run it in a terminal to see why`,
    );
  }
  return checked(variable, result.stdout, `${program} printed nothing`);
}

function checked(variable: string, text: string, empty: string): string {
  const secret = withoutMarks(text);
  if (secret === "") throw failure(variable, empty);
  if (secret.length > MAX_SECRET) throw failure(variable, "the value is too long for a secret");
  return secret;
}

function failure(variable: string, problem: string): ProxyError {
  return new ProxyError("token", `OAuth token fetch failed: ${variable}: ${problem}`, {
    mayHaveRun: false,
  });
}
