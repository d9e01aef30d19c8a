import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { posixQuoted } from "../posix_quoted.ts";
import {
  ANY_COMMAND,
  COMMON_OPTIONS,
  operandWords,
  type OptionWord,
  ownOptions,
  PROGRAM,
} from "./words.ts";

/** Completions for zsh: a function for `fpath`, which can be sourced as well. */
export function zsh(): string {
  return `#compdef ${PROGRAM}
_mcp_oauth_proxy() {
  local command= word
  local -a common=(
${COMMON_OPTIONS.map((option) => `    ${optionSpec(option)}`).join("\n")}
  )
  for word in \${words[2,CURRENT-1]}; do
    case $word in ${ANY_COMMAND}) command=$word; break ;; esac
  done
  case $command in
    "") _arguments $common ${posixQuoted(`1:command:((${COMMANDS.map(commandSpec).join(" ")}))`)} ;;
${COMMANDS.map(commandCase).join("\n")}
  esac
}
if [[ $funcstack[1] == _mcp_oauth_proxy ]]; then
  _mcp_oauth_proxy "$@"
else
  compdef _mcp_oauth_proxy ${PROGRAM}
fi
`;
}

function commandCase(command: Command): string {
  const words = operandWords(command);
  const specs = [
    posixQuoted(`1:command:(${command.name})`),
    ...(words.length > 0
      ? [posixQuoted(`2:${command.operands[0].name}:(${words.join(" ")})`)]
      : []),
    ...ownOptions(command).map(optionSpec),
  ];
  return `    ${command.name}) _arguments $common ${specs.join(" ")} ;;`;
}

function commandSpec({ name, description }: Command): string {
  return `${name}\\:"${description}"`;
}

function optionSpec({ name, description, value }: OptionWord): string {
  const text = description.replace(/[[\]\\:]/g, "\\$&");
  if (!value) return posixQuoted(`--${name}[${text}]`);
  const action = value === "any" ? "" : value === "file" ? "_files" : `(${value.join(" ")})`;
  return posixQuoted(`--${name}=[${text}]:${name}:${action}`);
}

/** A word in single quotes, in which a shell takes everything as it is. */
