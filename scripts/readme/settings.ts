import { describe } from "../../src/commands/help/help.ts";
import {
  defaultOf,
  flagOf,
  GROUPS,
  hasOption,
  type Setting,
  SETTINGS,
} from "../../src/settings/settings.ts";
import { code, table } from "./sections.ts";

/** All settings, one table per group. */
export function settingsTables(): string {
  return Object.entries(GROUPS).map(([group, title]) => {
    const rows = SETTINGS.filter((setting) => setting.group === group).map(row);
    return `### ${title}\n\n${table(["Variable and option", "Meaning", "Default"], rows)}`;
  }).join("\n");
}

function row(setting: Setting): string[] {
  const option = hasOption(setting) ? ` ${code(`--${flagOf(setting)}`)}` : "";
  const values = setting.values?.map(code);
  return [
    code(setting.variable) + option,
    describe({ ...setting, default: undefined, whenUnset: undefined, values }),
    defaultOf(setting) ?? "",
  ];
}
