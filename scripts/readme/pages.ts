import { attacksTables } from "./attacks.ts";
import { commandsTable } from "./commands.ts";
import { clientsTable, quickStartEntry } from "./entries.ts";
import { fileList } from "./files.ts";
import { sizesTable, timesTable } from "./limits.ts";
import type { Sections } from "./sections.ts";
import { settingsTables } from "./settings.ts";

/** The generated parts of each page, by its path. */
export function generatedPages(): Readonly<Record<string, Sections>> {
  return {
    "README.md": {
      clients: clientsTable(),
      entry: quickStartEntry(),
      commands: commandsTable(),
    },
    "CONTRIBUTING.md": { files: fileList("src") },
    "docs/limits.md": { times: timesTable(), sizes: sizesTable() },
    "docs/security.md": { attacks: attacksTables() },
    "docs/settings.md": { settings: settingsTables() },
  };
}
