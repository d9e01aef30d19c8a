/** Environment variables on Deno, as far as the permissions allow. */

/**
 * One environment variable. One that the process may not read counts as not set, so that few need
 * to be allowed.
 */
export function env(variable: string): string | undefined {
  return mayReadEnv(variable) ? Deno.env.get(variable) : undefined;
}

/** Whether the process may read an environment variable. */
export function mayReadEnv(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}

/** The names of all environment variables; empty unless the process may read all of them. */
export function envNames(): readonly string[] {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}
