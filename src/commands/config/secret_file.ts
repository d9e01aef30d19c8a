import type { Runtime } from "../../runtime/types.ts";
import { print } from "../print.ts";

/** Longest secret in characters. */
const MAX_SECRET = 1 << 18;

/** Reads a secret from stdin and writes it to a file that only the user can read. */
export async function storeSecret(path: string, runtime: Runtime): Promise<void> {
  const secret = await readStdin(runtime);
  if (secret === "") throw new Error("--secret-from-stdin: stdin is empty, so no secret is stored");
  await (await runtime.privateFiles()).write(path, secret);
  await print(runtime, `Secret written: ${path}, which only you can read\n`);
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
