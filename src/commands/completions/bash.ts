import { COMMANDS } from "../commands.ts";
import {
  ANY_COMMAND,
  COMMON_OPTIONS,
  operandWords,
  type OptionWord,
  ownOptions,
  PROGRAM,
} from "./words.ts";

/**
 * Completions for bash 3.2 (the one of macOS) and later: `eval` them. Options are many, so they are
 * offered only after `-`.
 */
export function bash(): string {
  const all = [...COMMON_OPTIONS, ...COMMANDS.flatMap(ownOptions)];
  const commands = COMMANDS.map((command) =>
    `    ${command.name}) words="${operandWords(command).join(" ")}" ` +
    `options="${ownOptions(command).map(flag).join(" ")}" ;;`
  );
  return `_mcp_oauth_proxy() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word words options
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${ANY_COMMAND}) command=$word; break ;; esac
  done
  case $previous in
${all.filter(({ value }) => value).map(valueCase).join("\n")}
  esac
  case $command in
    "") words="${COMMANDS.map(({ name }) => name).join(" ")}" ;;
${commands.join("\n")}
  esac
  case $current in
    -*) words="$options ${COMMON_OPTIONS.map(flag).join(" ")}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _mcp_oauth_proxy ${PROGRAM}
`;
}

function flag({ name }: OptionWord): string {
  return `--${name}`;
}

function valueCase({ name, value }: OptionWord): string {
  const reply = value === "any"
    ? "()"
    : value === "file"
    ? '($(compgen -f -- "$current"))'
    : `($(compgen -W "${(value as readonly string[]).join(" ")}" -- "$current"))`;
  return `    --${name}) COMPREPLY=${reply}; return ;;`;
}
