import { SETTINGS, type SettingsSource } from "../settings/settings.ts";

/** The texts of the settings that are set, by variable. */
export type Texts = ReadonlyMap<string, string>;

/** Reads the texts of all settings that are set, unchecked. */
export function textsOf(source: SettingsSource): Map<string, string> {
  const texts = SETTINGS.map((setting) => [setting.variable, source(setting) ?? ""] as const);
  return new Map(texts.filter(([, text]) => text !== ""));
}

/** Whether the client has a credential. */
export function hasCredential(texts: Texts): boolean {
  if (texts.get("MCP_AUTH_METHOD") === "none") return true;
  return SETTINGS.some(({ variable, secret }) =>
    texts.has(variable) && (secret || /(SECRET|KEY|ASSERTION)_(FILE|COMMAND)$/.test(variable))
  );
}
