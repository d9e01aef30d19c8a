import { defaultOf, type Setting, SETTINGS } from "../../src/settings/settings.ts";

/** The types that an option of the library can have, by the kind of its setting. */
const TYPES: Readonly<Record<Setting["kind"], string>> = {
  text: "string",
  secret: "string",
  url: "string | URL",
  file: "string",
  command: "string | readonly string[]",
  folder: "string | boolean",
  output: "string",
  flag: "boolean",
  choice: "string",
  number: "number",
  duration: "number | string",
  size: "number | string",
};

/** Path of the generated file. */
export const OPTIONS_PATH = "src/settings/options.ts";

/** The source of the interface of the library's options, from the table of settings. */
export function optionsSource(): string {
  return `/** Options of the library, one for each setting. Written by \`deno task readme\` from the table. */
export interface SettingsOptions {
${SETTINGS.map(member).join("")}}
`;
}

function member(setting: Setting): string {
  const { description, variable, key, kind, values } = setting;
  const text = `${description[0].toUpperCase()}${description.slice(1)}: \`${variable}\`.`;
  const unset = defaultOf(setting);
  const type = kind === "choice" && values
    ? values.map((value) => JSON.stringify(value)).join(" | ")
    : TYPES[kind];
  const lines = [text, ...unset ? ["", `@default ${unset}`] : []];
  return `  /**\n${
    lines.map((line) => `   * ${line}`.trimEnd()).join("\n")
  }\n   */\n  ${key}?: ${type};\n`;
}
