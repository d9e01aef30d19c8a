import { CLIENTS } from "../../src/commands/config/clients.ts";
import { codeBlocks, type Page } from "./markdown.ts";

/** A command of the documentation, as a script for bash. */
export interface Script {
  /** The command as it is printed. */
  readonly printed: string;
  readonly bash: string;
}

/** Programs that the documentation uses. Everything else needs software that tests do not have. */
const OURS = /^(\w+=(\S+|"[^"]*") )*(npx|deno run|mcp-oauth-proxy) |^eval "\$\(npx /;

/** The commands of pages, each once. */
export function scripts(pages: readonly Page[]): Script[] {
  const found = pages.flatMap((page) => [
    ...codeBlocks(page).filter(({ language }) => language === "sh").flatMap(fromShell),
    ...codeBlocks(page).filter(({ language }) => language === "powershell").map(fromPowerShell),
    ...tableCommands(page),
  ]);
  const prepared = found.map((script) => withEntry(script, found));
  return [...new Map(prepared.map((script) => [script.bash, script])).values()];
}

/** The question of a client that a command with `--from` asks has this answer. */
const ANSWER = "echo my-secret | ";

/** A command with `--from` needs the entry of the client, which another command writes. */
function withEntry(script: Script, all: readonly Script[]): Script {
  const client = /--from (\S+)/.exec(script.printed)?.[1];
  if (!client) return script;
  const write = new RegExp(`config ${client} .*--write`);
  const entry = all.find(({ printed }) => write.test(printed));
  if (!entry) throw new Error(`No command writes the entry for: ${script.printed}`);
  const { inputs, reference } = CLIENTS[client as keyof typeof CLIENTS];
  // Without a terminal, the command does not ask for the secret.
  const written = inputs || reference ? entry.bash : `${ANSWER}${entry.bash} --secret-from-stdin`;
  const answer = script.printed.includes("MCP_CLIENT_SECRET") ? "" : ANSWER;
  return { printed: script.printed, bash: `${written} && ${answer}${script.bash}` };
}

/** Each command of a block for a Unix shell. */
function fromShell({ code }: { code: string }): Script[] {
  return code.replaceAll("\\\n", " ").trim().split("\n")
    .filter((line) => OURS.test(line))
    .map((line) => ({ printed: line, bash: line }));
}

/**
 * A block for PowerShell, translated: variables are set in another way, and the commands are written
 * like those for a Unix shell.
 */
function fromPowerShell({ code }: { code: string }): Script {
  const bash = code.trim().replace(/^\$env:(\w+) = "([^"]*)"$/gm, "export $1='$2'");
  return { printed: code.trim(), bash };
}

/** Commands in the cells of tables that write or print the entry of a client. */
function tableCommands({ text }: Page): Script[] {
  return [...text.matchAll(/^\|.*?`(npx -y mcp-oauth-proxy@2 config [^`]+)`/gm)]
    .map(([, command]) => ({ printed: command, bash: command }));
}

/** Writes an entry, and runs the command that is printed to test it, as it is printed. */
export const TEST_AS_PRINTED =
  `echo my-secret | npx -y mcp-oauth-proxy@2 config claude-desktop --write --secret-from-stdin \\
  --client-id my-client --server-url https://mcp.example.com/mcp 2>printed || { cat printed; exit 1; }
command=$(sed -n '/^To test it:/{n;p}' printed)
echo "$command"
eval "$command"`;
