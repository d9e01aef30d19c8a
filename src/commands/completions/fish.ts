import { COMMANDS } from "../commands.ts";
import { COMMON_OPTIONS, operandWords, type OptionWord, ownOptions, PROGRAM } from "./words.ts";

/** Completions for fish: source them. */
export function fish(): string {
  const lines = [
    `complete -c ${PROGRAM} -f`,
    ...COMMANDS.map(({ name, description }) =>
      `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`
    ),
    ...COMMANDS.flatMap((command) => {
      const condition = `-n '__fish_seen_subcommand_from ${command.name}'`;
      const words = operandWords(command);
      return [
        ...(words.length > 0
          ? [`complete -c ${PROGRAM} ${condition} -a '${words.join(" ")}'`]
          : []),
        ...ownOptions(command).map((option) => optionLine(option, condition)),
      ];
    }),
    ...COMMON_OPTIONS.map((option) => optionLine(option)),
  ];
  return lines.join("\n") + "\n";
}

function optionLine({ name, description, value }: OptionWord, condition?: string): string {
  const values = value === undefined
    ? []
    : value === "file"
    ? ["-r", "-F"]
    : value === "any"
    ? ["-x"]
    : ["-x", "-a", `'${value.join(" ")}'`];
  return ["complete", "-c", PROGRAM, condition, "-l", name, ...values, "-d", quoted(description)]
    .filter((part) => part !== undefined).join(" ");
}

/** A word in single quotes, in which fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
