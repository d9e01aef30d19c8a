/** How {@linkcode run} starts a program. */
export interface RunOptions {
  /** Working directory. */
  readonly cwd?: string;
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end and returns its standard output as text.
 *
 * @throws {Error} with everything the program wrote, if its exit code is not 0
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: options.cwd,
    env: options.env,
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${out}${err}`);
  return out;
}

/** The npm command. Windows has no `npm` that can be started without a shell. */
export const NPM: string = Deno.build.os === "windows" ? "npm.cmd" : "npm";
