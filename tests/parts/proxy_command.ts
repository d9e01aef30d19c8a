/**
 * The program under test: the sources under Deno, or what `MCP_PROXY_COMMAND` (a JSON array of
 * strings) names, such as the installed npm package on some Node.
 */
export function proxyCommand(): string[] {
  const command = Deno.env.get("MCP_PROXY_COMMAND");
  if (command) return JSON.parse(command);
  return [Deno.execPath(), "run", "-A", import.meta.resolve("../../cli.ts")];
}

/** What Deno, Node and Windows need to run at all and to find what they downloaded. */
const NEEDED = [
  /^(PATH|HOME|TMPDIR|XDG_CACHE_HOME)$/,
  /^(DENO|JSR_URL|NODE|NPM_CONFIG_)/,
  /^(APPDATA|LOCALAPPDATA|PATHEXT|SYSTEMDRIVE|SYSTEMROOT|TEMP|TMP|USERPROFILE|WINDIR)$/,
];

/** Once a day Deno looks for a new version of itself, by way of the HTTP proxy that a test is about. */
const QUIET = { DENO_NO_UPDATE_CHECK: "1" };

/**
 * A clean environment for the program under test: none of the tester's own `MCP_…` variables or HTTP
 * proxies, so that a test behaves the same everywhere.
 *
 * @param env variables on top
 */
export function proxyEnvironment(env: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject())
    .filter(([name]) => NEEDED.some((pattern) => pattern.test(name.toUpperCase())));
  return { ...Object.fromEntries(kept), ...QUIET, ...env };
}
