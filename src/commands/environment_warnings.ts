import { NO_PROXY_VARIABLES } from "../runtime/proxy_variables.ts";
import { isUnreplaced, UNREPLACED } from "../settings/references.ts";
import { SETTINGS } from "../settings/settings.ts";
import { suggestion } from "./suggestion.ts";

const VARIABLES = SETTINGS.map(({ variable }) => variable);

/**
 * Warnings about environment variables: names that are almost those of settings, and a list of hosts
 * without a proxy that the MCP client did not complete. Without it, requests take another way.
 *
 * @param names the names of all environment variables
 * @param env one environment variable
 */
export function environmentWarnings(
  names: readonly string[],
  env: (name: string) => string | undefined,
): string[] {
  return [...misspelt(names, env), ...unreplaced(env)];
}

function misspelt(names: readonly string[], env: (name: string) => string | undefined): string[] {
  return names.flatMap((name) => {
    const meant = name.toUpperCase();
    if (!meant.startsWith("MCP_") || VARIABLES.includes(name) || !env(name)) return [];
    // On Windows, names in lower case are the same variables.
    const isSame = VARIABLES.includes(meant) && env(meant) !== undefined;
    const near = isSame ? undefined : suggestion(meant, VARIABLES);
    return near ? [`${name} is not a setting; did you mean ${near}?`] : [];
  });
}

function unreplaced(env: (name: string) => string | undefined): string[] {
  return NO_PROXY_VARIABLES.filter((name) => isUnreplaced(env(name) ?? "", "text"))
    .map((name) => `${name} ${UNREPLACED}`);
}
