/**
 * One environment variable. One that the process may not read counts as not set, so that few need
 * to be allowed.
 */
export function env(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
