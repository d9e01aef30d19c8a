import type { Host } from "../../runtime/types.ts";
import { flagOf, type Setting, SETTINGS } from "../../settings/settings.ts";
import type { Client } from "./clients.ts";
import { expandPath } from "./paths.ts";

/** A question that a client asks the user, and keeps the answer of. */
export interface Input {
  readonly type: "promptString";
  readonly id: string;
  readonly description: string;
  readonly password: true;
}

/** Where an entry takes a secret from, since the secret itself is never written into it. */
export interface SecretReference {
  /** The variable of the entry and its text. */
  readonly variable?: readonly [name: string, text: string];
  /** The question that the client asks. */
  readonly input?: Input;
  /** A variable that the client passes on from its own environment. */
  readonly passedOn?: string;
  /** Path of the private file that the secret is in. */
  readonly file?: string;
  /** What the user has to do. */
  readonly note?: string;
}

/**
 * Refers to a secret in the way that the client can: by a question, a variable of the environment, or
 * a private file. Each server has its own, so that two entries can have two secrets.
 *
 * @param server what the client calls the server
 */
export function referToSecret(
  setting: Setting,
  server: string,
  client: Partial<Client>,
  machine: Pick<Host, "os" | "homeFolder">,
): SecretReference {
  const { variable } = setting;
  if (client.inputs) {
    const id = `${server}-${flagOf(setting)}`;
    const input = { type: "promptString", id, description: variable, password: true } as const;
    return { variable: [variable, `\${input:${id}}`], input };
  }
  const place = `the environment in which ${client.title} is started`;
  if (client.reference) {
    const own = ownVariable(server, setting);
    const note = `Set ${own} to the value of ${variable}, in ${place}.`;
    return { variable: [variable, client.reference.to(own)], note };
  }
  const fileSetting = fileSettingOf(setting);
  if (fileSetting) {
    const file = expandPath(`~/.config/mcp-oauth-proxy/${server}.${flagOf(setting)}`, machine);
    const note =
      `Write the value of ${variable} to ${file}. Make sure that only you can read this file.`;
    return { variable: [fileSetting.variable, file], file, note };
  }
  if (client.toml) return { passedOn: variable, note: `${variable} comes from ${place}.` };
  return {
    note:
      `${variable} may contain a secret, so it is not in the entry. If it does not, add it yourself.`,
  };
}

/** The environment variable for a secret of one server: `MY_SERVER_CLIENT_SECRET`. */
function ownVariable(server: string, setting: Setting): string {
  const name = `${server}_${flagOf(setting)}`.toUpperCase().replace(/\W/g, "_");
  return /^\d/.test(name) ? `MCP_${name}` : name;
}

/** The setting for a file with the same secret in it. */
function fileSettingOf({ oneOf }: Setting): Setting | undefined {
  return SETTINGS.find((other) => oneOf && other.oneOf === oneOf && other.kind === "file");
}
