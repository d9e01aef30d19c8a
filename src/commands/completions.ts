import type { Invocation } from "./command.ts";
import { bash } from "./completions/bash.ts";
import { fish } from "./completions/fish.ts";
import { powershell } from "./completions/powershell.ts";
import { zsh } from "./completions/zsh.ts";
import type { ShellName } from "./names.ts";
import { print } from "./print.ts";

/** Writes the completions for a shell, from the tables of commands and settings. */
const COMPLETIONS: Readonly<Record<ShellName, () => string>> = { bash, zsh, fish, powershell };

/** `completions <shell>`: prints a script that the shell loads. */
export async function run({ operands: [shell], runtime }: Invocation): Promise<number> {
  await print(runtime, COMPLETIONS[shell as ShellName]());
  return 0;
}
