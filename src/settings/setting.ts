/** The type of a row in the table of settings. */

import type { Warn } from "./credential_text.ts";

/** Groups of settings, in the order in which they are shown. */
export const GROUPS = {
  required: "Required",
  common: "Common",
  credentials: "Credentials",
  tokens: "Tokens",
  network: "Network and limits",
  enterprise: "Enterprise-managed authorization",
} as const;

/**
 * What the text of a setting is. It decides about the option, the completion, the permissions under
 * Deno, and what `config` does with it.
 */
export type Kind =
  /** Any text. */
  | "text"
  /** A secret. It has no option: other users of the machine can see the arguments. */
  | "secret"
  /** URL of a server that the proxy sends requests to, and that may receive secrets or tokens. */
  | "url"
  /** Path of a file that the proxy reads. */
  | "file"
  /** Path of a file that the proxy writes. */
  | "output"
  /** Command that the proxy runs, without a shell. */
  | "command"
  /** Path of a folder that the proxy writes to, or a flag for the user's own folder. */
  | "folder"
  /** `true` or `false`; as an option it needs no value. */
  | "flag"
  /** One of `values`. */
  | "choice"
  /** A whole number. */
  | "number"
  /** A time, such as `30s`; read as milliseconds. */
  | "duration"
  /** A number of bytes, such as `64MB`. */
  | "size";

/** What a client can prove its identity with; or an access token, which needs no proof. */
export type Credential = "secret" | "key" | "certificate" | "assertion" | "token";

/** One row of the table of settings. */
export interface Setting<T = unknown> {
  /** Environment variable. */
  readonly variable: string;
  /** Member of `Settings`, and of the library's options. */
  readonly key: string;
  /** The group of `--help` and the documentation that it belongs to. */
  readonly group: keyof typeof GROUPS;
  /** What its text is. */
  readonly kind: Kind;
  /** What it does, in a few words. */
  readonly description: string;
  /** The text that applies if it is not set. */
  readonly default?: string;
  /** What happens if it is not set and has no default, for people to read. */
  readonly whenUnset?: string;
  /** The values that it can have. */
  readonly values?: readonly string[];
  /** An example, for settings that are required. */
  readonly example?: string;
  /** Whether its value tells one access token from another, so that they are not shared. */
  readonly identity: boolean;
  /** What the client proves its identity with, if this setting is set. */
  readonly credential?: Credential;
  /** A name that several settings share of which only one can be set. */
  readonly oneOf?: string;
  /** Keys of other settings, and the values that they have if only this one is set. */
  readonly implies?: Readonly<Record<string, unknown>>;
  /** The key of the setting that the text of this file becomes; the file is read at the start. */
  readonly contentKey?: string;
  /** Whether a text of this setting, which is not a secret as such, contains one. */
  readonly containsSecret?: (text: string) => boolean;
  /**
   * Returns the typed value. Throws an `Error` that says what is wrong; warns about what is odd.
   */
  readonly read: (text: string, warn?: Warn) => T;
}

/** The name of the option of a setting: `client-id` for `MCP_CLIENT_ID`. */
export function flagOf({ variable }: Pick<Setting, "variable">): string {
  return variable.replace("MCP_", "").toLowerCase().replaceAll("_", "-");
}

/** Whether a setting has an option. */
export function hasOption({ kind }: Setting): boolean {
  return kind !== "secret";
}

/** What applies if a setting is not set, for people to read. */
export function defaultOf(setting: Setting): string | undefined {
  return setting.default ?? setting.whenUnset;
}
