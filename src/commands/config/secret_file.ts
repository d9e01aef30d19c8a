import type { Runtime } from "../../runtime/types.ts";
import { createAsker } from "../ask.ts";
import { print } from "../print.ts";
import { MAX_SECRET } from "../../limits.ts";

/**
 * Creates the file that a client reads the secret from, which only the user can read: from stdin, or
 * from an answer on the terminal.
 *
 * @param isPiped whether the secret comes from stdin
 * @returns whether the file has the secret
 */
export async function provideSecret(
  path: string,
  isPiped: boolean,
  runtime: Runtime,
): Promise<boolean> {
  if (!isPiped) {
    if (await (await runtime.host()).exists(path)) return true;
    if (!runtime.stdinIsTerminal()) return false;
  }
  const secret = isPiped ? await readStdin(runtime) : await createAsker(runtime)
    .ask("Client secret, which is stored in a private file (Enter: later)", true);
  if (secret === "") {
    if (!isPiped) return false;
    throw new Error("--secret-from-stdin: stdin is empty, so no secret is stored");
  }
  await (await runtime.privateFiles()).write(path, secret);
  await print(runtime, `Secret written: ${path}, which only you can read\n`);
  return true;
}

/** All of stdin without white space around it. */
async function readStdin(runtime: Pick<Runtime, "stdin">): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of runtime.stdin()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_SECRET) throw new Error("--secret-from-stdin: stdin is too long");
  }
  return (text + decoder.decode()).trim();
}
