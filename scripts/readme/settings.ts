import { meaning } from "../../src/commands/help/help.ts";
import { flagOf, type Setting, SETTINGS } from "../../src/settings/settings.ts";
import { code, table } from "./sections.ts";

/** All settings, as tables. */
export function settingsTables(): string {
  return settingsTable(SETTINGS);
}

function settingsTable(settings: readonly Setting[]): string {
  return table(["Variable and option", "Meaning", "Default"], settings.map(row));
}

function row(setting: Setting): string[] {
  const option = setting.secret ? "" : ` ${code(`--${flagOf(setting)}`)}`;
  const values = setting.values?.map(code);
  return [
    code(setting.variable) + option,
    meaning({ ...setting, default: undefined, values }),
    setting.default ?? "",
  ];
}
