/** The settings as texts, for commands that must not check them all. */

import { givesToken, missingCredential } from "../settings/rules.ts";
import { type Setting, SETTINGS, type SettingsSource } from "../settings/settings.ts";
import { flag } from "../settings/values.ts";

/** The texts of the settings that are set, by variable. */
export type Texts = ReadonlyMap<string, string>;

/** Reads the texts of all settings that are set, unchecked. */
export function textsOf(source: SettingsSource): Map<string, string> {
  const texts = SETTINGS.map((setting) => [setting.variable, source(setting) ?? ""] as const);
  return new Map(texts.filter(([, text]) => text !== ""));
}

/** The texts by the keys of their settings. */
function byKey(texts: Texts): Record<string, string | undefined> {
  return Object.fromEntries(SETTINGS.map(({ key, variable }) => [key, texts.get(variable)]));
}

/** Whether the user gives an access token, so that no authorization server is asked for one. */
export function hasOwnToken(texts: Texts): boolean {
  return givesToken(byKey(texts));
}

/** Whether a setting has to be set: nobody needs a client ID to send a token that exists. */
export function isRequired({ group, key }: Setting, texts: Texts): boolean {
  return group === "required" && !(key === "clientId" && hasOwnToken(texts));
}

/** The secret that the client needs as its credential, if it has none. */
export function missingSecret(texts: Texts): Setting | undefined {
  const [missing] = missingCredential(byKey(texts)) ?? [];
  return missing &&
    SETTINGS.find(({ kind, credential }) => kind === "secret" && credential === missing);
}

/** Whether a flag is on; one with a text that cannot be read is off. */
export function isOn(texts: Texts, variable: string): boolean {
  try {
    return flag(texts.get(variable) ?? "false");
  } catch {
    return false;
  }
}

/** Which addresses the metadata of servers may name. */
export function policyOf(texts: Texts): { allowHttp: boolean; allowPrivateAddresses: boolean } {
  return {
    allowHttp: isOn(texts, "MCP_ALLOW_HTTP"),
    allowPrivateAddresses: isOn(texts, "MCP_ALLOW_PRIVATE_ADDRESSES"),
  };
}
