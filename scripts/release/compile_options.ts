import { ALL_PERMISSIONS } from "../../src/commands/permissions/flags.ts";

/**
 * The options of `deno compile` for every target.
 *
 * - `--no-prompt`: an MCP client cannot answer a question about a permission.
 * - `--no-code-cache`: the executable would load compiled code from a file in the folder for temporary
 *   files, which another user of the machine could have written.
 * - `--exclude-unused-npm`: the lock file has the packages of the tests too.
 *
 * @param config path of a configuration without `links`
 */
export function compileOptions(config: string): string[] {
  return [
    "compile",
    "--config",
    config,
    "--no-lock",
    "--no-prompt",
    "--no-code-cache",
    "--exclude-unused-npm",
    ...ALL_PERMISSIONS,
  ];
}
