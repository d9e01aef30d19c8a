import { COMMANDS } from "../../src/commands/commands.ts";
import { meaning, usageOf } from "../../src/commands/help/help.ts";
import { SETTINGS } from "../../src/settings/settings.ts";

/** The parts of README.md that are made from tables, by the names in its markers. */
export function generatedSections(): Readonly<Record<string, string>> {
  return { settings: settingsTable(), commands: commandsTable() };
}

/**
 * A text with its parts replaced. A part stands between `<!-- NAME … -->` and `<!-- end of NAME -->`.
 *
 * @throws {Error} where the text has no such markers
 */
export function withSections(text: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const markers = new RegExp(`(<!-- ${name}\\b[^>]*-->\\n)[^]*?(\\n<!-- end of ${name} -->)`);
    if (!markers.test(text)) throw new Error(`there are no markers for ${name}`);
    return text.replace(markers, (_, begin, end) => `${begin}\n${section}${end}`);
  }, text);
}

function settingsTable(): string {
  return table(
    ["variable", "meaning", "default"],
    SETTINGS.map((setting) => [
      `\`${setting.variable}\``,
      meaning({ ...setting, default: undefined, values: setting.values?.map(quoted) }),
      setting.default ?? "",
    ]),
  );
}

function commandsTable(): string {
  return table(
    ["command", "what for"],
    COMMANDS.map((command) => [`\`${usageOf(command)}\``, command.meaning]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

function quoted(value: string): string {
  return `\`${value}\``;
}
