import { COMMANDS } from "../commands.ts";
import { COMMON_OPTIONS, operandWords, type OptionWord, ownOptions, PROGRAM } from "./words.ts";

/** Completions for PowerShell 5.1 and later: evaluate them. */
export function powershell(): string {
  const commands = COMMANDS.map(({ name, description }) =>
    `  ${quoted(name)} = ${quoted(description)}`
  );
  const own = COMMANDS.map((command) => {
    const options = ownOptions(command).map(({ name, description }) =>
      entry(`--${name}`, description)
    );
    const words = operandWords(command).map((word) => entry(word, word));
    return `  ${quoted(command.name)} = [ordered]@{ ${[...words, ...options].join("; ")} }`;
  });
  const values = [...COMMON_OPTIONS, ...COMMANDS.flatMap(ownOptions)]
    .filter(({ value }) => value).map(valueRow);
  return `$commands = [ordered]@{
${commands.join("\n")}
}
$own = @{
${own.join("\n")}
}
$common = [ordered]@{
${COMMON_OPTIONS.map(({ name, description }) => `  ${entry(`--${name}`, description)}`).join("\n")}
}
$values = @{
${values.join("\n")}
}
Register-ArgumentCompleter -Native -CommandName '${PROGRAM}' -ScriptBlock ({
  param($word, $ast, $cursor)
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
    ForEach-Object { "$_" })
  $previous = $before[-1]
  if ($values.ContainsKey($previous)) {
    if ($null -eq $values[$previous]) { return }
    $found = [ordered]@{}
    $values[$previous] | ForEach-Object { $found[$_] = $_ }
    $tables = @($found)
  } else {
    $command = $before | Select-Object -Skip 1 | Where-Object { $commands.Contains($_) } |
      Select-Object -First 1
    $tables = if ($command) { @($own[$command], $common) } else { @($commands, $common) }
  }
  foreach ($table in $tables) {
    foreach ($key in $table.Keys) {
      if ($key -like "$word*") {
        [System.Management.Automation.CompletionResult]::new($key, $key, 'ParameterValue', $table[$key])
      }
    }
  }
}.GetNewClosure())
`;
}

/** An option's values; `$null` leaves them to PowerShell, which offers files. */
function valueRow({ name, value }: OptionWord): string {
  const values = Array.isArray(value) ? `@(${value.map(quoted).join(", ")})` : "$null";
  return `  ${quoted(`--${name}`)} = ${values}`;
}

function entry(name: string, description: string): string {
  return `${quoted(name)} = ${quoted(description)}`;
}

/** A word in single quotes, which PowerShell doubles inside of them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
