import { SETTINGS } from "../settings/settings.ts";
import { suggestion } from "./suggestion.ts";

const VARIABLES = SETTINGS.map(({ variable }) => variable);

/**
 * Warnings about environment variables whose names are almost those of settings.
 *
 * @param names the names of all environment variables
 * @param env one environment variable
 */
export function misspeltVariables(
  names: readonly string[],
  env: (name: string) => string | undefined,
): string[] {
  return names.flatMap((name) => {
    const meant = name.toUpperCase();
    if (!meant.startsWith("MCP_") || VARIABLES.includes(name) || !env(name)) return [];
    // On Windows, names in lower case are the same variables.
    const isSame = VARIABLES.includes(meant) && env(meant) !== undefined;
    const near = isSame ? undefined : suggestion(meant, VARIABLES);
    return near ? [`${name} is not a setting; did you mean ${near}?`] : [];
  });
}
