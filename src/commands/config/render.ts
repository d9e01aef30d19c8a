import type { Client } from "./clients.ts";
import type { Draft } from "./draft.ts";
import type { Input } from "./secrets.ts";
import { withItem, withMember } from "./merge.ts";

/**
 * The text of a client's file after each edit that brings the entry in; the last one is whole.
 *
 * @throws {SyntaxError} if the client cannot read the file
 */
export function edits(text: string, client: Client, draft: Draft): string[] {
  const texts: string[] = [];
  for (const input of draft.inputs) {
    const isSame = (item: unknown) => (item as Input | null)?.id === input.id;
    texts.push(withItem(texts.at(-1) ?? text, ["inputs"], input, isSame));
  }
  const path = [client.serversKey, draft.name];
  return [...texts, withMember(texts.at(-1) ?? text, path, entryFor(client, draft))];
}

/** What a person pastes into a client's file. */
export function snippet(client: Client, draft: Draft): string {
  return client.toml ? tomlTable(client, draft) : edits("", client, draft).at(-1)!;
}

function entryFor(client: Client, { entry }: Draft): unknown {
  return client.entry ? client.entry(entry) : entry;
}

/** A table of TOML. Strings of JSON are strings of TOML too. */
function tomlTable({ serversKey }: Client, { name, entry, passedOn }: Draft): string {
  const env = Object.entries(entry.env).map(([variable, text]) =>
    `${variable} = ${JSON.stringify(text)}\n`
  );
  const table = `${serversKey}.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`;
  return `[${table}]
command = ${JSON.stringify(entry.command)}
args = ${JSON.stringify(entry.args)}
${passedOn.length > 0 ? `env_vars = ${JSON.stringify(passedOn)}\n` : ""}
[${table}.env]
${env.join("")}`;
}
