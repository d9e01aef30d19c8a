import type { Settings } from "./settings.ts";

/** What clients put values in place of, `${input:…}` and the like, and a shell's variable by itself. */
const REFERENCE = /\$\{[^{}]+\}|^\$[A-Z_][A-Z0-9_]*$/;

/** What is said of a value that is one. */
export const UNREPLACED = "looks like a reference that the MCP client did not replace";

/** Whether a text has a reference in it that a client's configuration knows and we do not. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text.trim());
}

/** The variables whose values read like references: a password may look like one, so it is not an error. */
export function unreplaced(settings: Settings): string[] {
  const { clientId, clientSecret, clientSecretFile, serverUrl } = settings;
  const url = serverUrl.href.replace(/%7B/gi, "{").replace(/%7D/gi, "}");
  const values = {
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecretFile ? "" : clientSecret ?? "",
    MCP_SERVER_URL: url,
  };
  return Object.entries(values).filter(([, value]) => isReference(value)).map(([name]) => name);
}
