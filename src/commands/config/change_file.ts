import { messageOf } from "../../errors.ts";
import type { Host, Runtime } from "../../runtime/types.ts";
import { print } from "../print.ts";
import { changeOf } from "./change.ts";
import type { Client } from "./clients.ts";
import type { Draft } from "./draft.ts";
import { edits, presentEntry, removals } from "./render.ts";

/** The file of a client, and what is done to it. */
export interface FileChange {
  readonly client: Client;
  /** Path of the file. */
  readonly file: string;
  /** Whether an entry that starts another program may be changed. */
  readonly force: boolean;
}

/** Writes an entry into the client's file, and shows the change and the backup. */
export async function writeEntry(
  { client, file, force }: FileChange,
  draft: Draft,
  runtime: Runtime,
): Promise<void> {
  const machine = await runtime.host();
  const before = await machine.readIfThere(file);
  const text = before ?? "";
  const present = await readAs(client, file, () => presentEntry(text, client, draft.name));
  if (!isOurs(present) && !force) {
    throw new Error(
      `${startsOther(file, draft.name)} ` +
        "Choose another name with --name, or replace the entry with --force",
    );
  }
  const advice = "Run the command without --write, and paste the entry that it prints";
  const texts = await readAs(
    client,
    file,
    () => edits(text, client, draft, !isOurs(present)),
    advice,
  );
  if ((texts.at(-1) ?? text) === before) {
    return await print(runtime, `${file} already has this entry\n`);
  }
  await save(file, [text, ...texts], machine, runtime);
}

/**
 * Takes an entry out of the client's file, and shows the change and the backup.
 *
 * @returns the file with the entry's secret, if it has one; it stays
 */
export async function removeEntry(
  { client, file, force }: FileChange,
  name: string,
  runtime: Runtime,
): Promise<string | undefined> {
  const machine = await runtime.host();
  const text = await machine.readIfThere(file) ?? "";
  const present = await readAs(client, file, () => presentEntry(text, client, name));
  if (present === undefined) throw new Error(`${file} has no entry "${name}"`);
  if (!isOurs(present) && !force) {
    throw new Error(`${startsOther(file, name)} To remove it all the same, add --force`);
  }
  const texts = await readAs(client, file, () => removals(text, client, name));
  await save(file, [text, ...texts], machine, runtime);
  const secretFile: unknown = Object(Object(present).env).MCP_CLIENT_SECRET_FILE;
  return typeof secretFile === "string" ? secretFile : undefined;
}

/** Shows what each edit changes, and replaces the file. */
async function save(file: string, texts: readonly string[], machine: Host, runtime: Runtime) {
  // A new file is one change: its edits are made one after the other, but it has no old lines.
  const steps = texts[0] === "" ? ["", ...texts.slice(-1)] : texts;
  const changes = steps.slice(1).map((text, at) => changeOf(steps[at], text));
  await print(runtime, `${file}\n${changes.join("")}`);
  const backup = await machine.replace(file, texts.at(-1) ?? "");
  if (backup) await print(runtime, `Backup: ${backup}\n`);
  await print(runtime, `Written: ${file}\n`);
}

/** Reads or edits the text of a file; an error says that the file was not changed. */
async function readAs<T>(
  { title }: Client,
  file: string,
  read: () => Promise<T>,
  advice = `Correct the file, and check that ${title} can read it`,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const [why] = messageOf(error).split("\n");
    throw new Error(`Cannot edit ${file}: ${why.trim()}. The file was not changed. ${advice}`);
  }
}

/** Every entry of ours names the package or the program. */
function isOurs(present: unknown): boolean {
  return present === undefined || JSON.stringify(present).includes("mcp-oauth-proxy");
}

function startsOther(file: string, name: string): string {
  return `${file} has an entry "${name}" that starts another program; the file was not changed.`;
}
