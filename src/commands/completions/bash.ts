import { COMMANDS } from "../commands.ts";
import {
  ANY_COMMAND,
  COMMON_OPTIONS,
  operandWords,
  type OptionWord,
  ownOptions,
  PROGRAM,
} from "./words.ts";

/** Completions for bash 3.2 (the one of macOS) and later: `eval` them. */
export function bash(): string {
  const all = [...COMMON_OPTIONS, ...COMMANDS.flatMap(ownOptions)];
  const words = COMMANDS.map((command) =>
    `    ${command.name}) words="${
      [...operandWords(command), ...ownOptions(command).map(flag)].join(" ")
    }" ;;`
  );
  return `_mcp_oauth_proxy() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${ANY_COMMAND}) command=$word; break ;; esac
  done
  case $previous in
${all.filter(({ value }) => value).map(valueCase).join("\n")}
  esac
  case $command in
    "") words="${COMMANDS.map(({ name }) => name).join(" ")}" ;;
${words.join("\n")}
  esac
  words="$words ${COMMON_OPTIONS.map(flag).join(" ")}"
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
