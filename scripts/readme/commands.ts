import { COMMANDS } from "../../src/commands/commands.ts";
import { usageOf } from "../../src/commands/help/help.ts";
import { code, table } from "./sections.ts";

/** README's table of commands. */
export function commandsTable(): string {
  return table(
    ["Command", "What it does"],
    COMMANDS.map((command) => [code(usageOf(command)), command.description]),
  );
}
