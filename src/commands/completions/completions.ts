import type { Invocation } from "../command.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { powershell } from "./powershell.ts";
import { zsh } from "./zsh.ts";
import type { ShellName } from "../names.ts";
import { print } from "../print.ts";

/** Writes the completions for a shell, from the tables of commands and settings. */
const COMPLETIONS: Readonly<Record<ShellName, () => string>> = { bash, zsh, fish, powershell };

/** `completions <shell>`: prints a script that the shell loads. */
export async function run({ operands: [shell], runtime }: Invocation): Promise<number> {
  await print(runtime, COMPLETIONS[shell as ShellName]());
  return 0;
}
