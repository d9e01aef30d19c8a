import type { InstalledPackage } from "../../scripts/npm/install_package.ts";
import type { Node } from "../../scripts/npm/nodes.ts";

/** What `scripts/test_npm.ts` prepared: the installed package, and the Nodes to try it on. */
export const npmPackage: InstalledPackage & { readonly nodes: readonly Node[] } = prepared();

function prepared(): typeof npmPackage {
  const text = Deno.env.get("MCP_NPM_PACKAGE");
  if (text === undefined) throw new Error("start these tests with: deno task test:npm");
  return JSON.parse(text);
}

/** What a program wrote, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    ...options,
    args: [...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
