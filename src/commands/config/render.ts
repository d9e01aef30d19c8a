import type { Client } from "./clients.ts";
import type { Draft } from "./draft.ts";
import type { Input } from "./secrets.ts";
import { memberEdits, memberOf, withItem, withMember, withoutEmpty, withoutPart } from "./merge.ts";
import { mergedEntry } from "./merged_entry.ts";
import { tomlTable } from "./toml_text.ts";

/**
 * The text of a client's file after each edit that brings the entry in; the last one is complete.
 *
 * @param replaces whether an existing entry of this name is replaced completely; otherwise members
 * that the user or the client added to it stay
 * @throws {SyntaxError} if the client cannot read the file
 */
export async function edits(
  text: string,
  client: Client,
  draft: Draft,
  replaces: boolean,
): Promise<string[]> {
  if (!client.toml) return jsonEdits(text, client, draft, replaces);
  const { withTable } = await import("./toml.ts");
  return [withTable(text, [client.serversKey, draft.name], entryFor(client, draft), replaces)];
}

/**
 * The text of a client's file after each edit that takes an entry out, with the questions that only
 * this entry asks.
 *
 * @throws {SyntaxError} if the client cannot read the file
 */
export async function removals(text: string, client: Client, name: string): Promise<string[]> {
  const path = [client.serversKey, name] as const;
  if (client.toml) return [(await import("./toml.ts")).withoutTable(text, path)];
  const entry = JSON.stringify(memberOf(text, path));
  const texts = [withoutPart(text, path)];
  for (const [reference, id] of entry.matchAll(/\$\{input:([^{}"]+)\}/g)) {
    const latest = texts.at(-1) ?? text;
    if (latest.includes(reference)) continue;
    texts.push(withoutPart(latest, ["inputs"], (item) => (item as Input | null)?.id === id));
  }
  // Objects and lists that this leaves empty are of no use to the client either.
  for (const name of ["inputs", client.serversKey]) {
    texts.push(withoutEmpty(texts.at(-1) ?? text, name));
  }
  return texts;
}

/**
 * The entry of a client's file, as the client reads it; `undefined` if there is none.
 *
 * @throws {SyntaxError} if the client cannot read the file
 */
export async function presentEntry(text: string, client: Client, name: string): Promise<unknown> {
  const path = [client.serversKey, name] as const;
  return client.toml ? (await import("./toml.ts")).tableOf(text, path) : memberOf(text, path);
}

/** What a person pastes into a client's file. */
export function snippet(client: Client, draft: Draft): string {
  return client.toml
    ? tomlTable([client.serversKey, draft.name], entryFor(client, draft))
    : jsonEdits("", client, draft, true).at(-1) ?? "";
}

function jsonEdits(text: string, client: Client, draft: Draft, replaces: boolean): string[] {
  const texts = [text];
  const latest = () => texts.at(-1) ?? text;
  const edit = (change: (text: string) => string) => texts.push(change(latest()));
  for (const input of draft.inputs) {
    const isSame = (item: unknown) => (item as Input | null)?.id === input.id;
    const present = memberOf(text, ["inputs"]);
    if (!replaces && Array.isArray(present) && present.some(isSame)) continue;
    edit((text) => withItem(text, ["inputs"], input, isSame));
  }
  const path = [client.serversKey, draft.name];
  const entry = entryFor(client, draft);
  if (replaces) edit((text) => withMember(text, path, entry));
  else texts.push(...memberEdits(latest(), path, mergedEntry(memberOf(text, path), entry)));
  return texts.slice(1);
}

/** The entry as an empty file of this client gets it. */
function entryFor(client: Client, { entry, passedOn }: Draft): Readonly<Record<string, unknown>> {
  const { env, ...program } = entry;
  if (client.toml) return { ...program, ...passedOn.length > 0 && { env_vars: passedOn }, env };
  return { ...client.entry ? client.entry(entry) : entry };
}
