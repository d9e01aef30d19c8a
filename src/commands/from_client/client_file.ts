import { asObject, isObject } from "../../json/value.ts";
import { type Client, CLIENTS } from "../config/clients.ts";
import { memberOf } from "../config/merge.ts";
import { expandPath } from "../config/paths.ts";
import type { ClientName } from "../names.ts";
import type { Host } from "../../runtime/types.ts";
import { join } from "node:path";

/** An entry of a client's file, as it is written there. */
export interface FoundEntry {
  /** What the client calls the server. */
  readonly name: string;
  /** Path of the file. */
  readonly file: string;
  /** The program and its arguments; empty if the client does not start a program. */
  readonly command: readonly string[];
  /** The environment variables that the entry sets, with the client's references in them. */
  readonly env: Readonly<Record<string, string>>;
  /** A file with more environment variables. */
  readonly envFile?: string;
  /** The variables that the client passes on from its own environment. */
  readonly passedOn: readonly string[];
  /** The values that the client asks the user for. */
  readonly inputs: readonly AskedInput[];
}

/** A value that a client asks the user for (VS Code and Visual Studio, `inputs`). */
export interface AskedInput {
  readonly id: string;
  readonly description?: string;
  readonly password?: boolean;
  readonly default?: string;
}

/** The files of a client on this machine, the project's first, since it is closer to the user. */
export function filesOf(
  client: Client,
  machine: Pick<Host, "os" | "homeFolder" | "currentFolder">,
): { project?: string; user: string } {
  return {
    project: client.projectFile && join(machine.currentFolder(), client.projectFile),
    user: expandPath(client.file[machine.os], machine),
  };
}

/**
 * All entries in the text of a client's file.
 *
 * @param folder the project's folder, for clients whose file has servers by project
 * @throws {Error} if the text is not what the client reads
 */
export async function entriesIn(
  text: string,
  file: string,
  name: ClientName,
  folder: string,
): Promise<FoundEntry[]> {
  const client = CLIENTS[name];
  const { member } = await readerOf(text, client);
  const paths = [
    ...client.projectsKey ? [[client.projectsKey, folder, client.serversKey]] : [],
    [client.serversKey],
  ];
  const inputs = arrayOf(member(["inputs"])).map(asObject).map(inputOf);
  return paths.flatMap((path) =>
    Object.entries(asObject(member(path))).map(([name, entry]) =>
      foundEntry(name, file, asObject(entry), inputs)
    )
  );
}

/** Whether an entry starts this program. */
export function startsProxy({ command }: FoundEntry): boolean {
  return command.some(isProxy);
}

/** A path, a package or an image of this program, but no option that contains its name. */
export function isProxy(word: string): boolean {
  return !word.startsWith("-") && word.includes("mcp-oauth-proxy");
}

/** Looks up members of the file, which is JSON with comments or TOML. */
async function readerOf(text: string, client: Client) {
  if (!client.toml) return { member: (path: readonly string[]) => memberOf(text, path) };
  const { parse } = await import("./toml.ts");
  const root: unknown = parse(text);
  const member = (path: readonly string[]) =>
    path.reduce((value, key) => own(asObject(value), key), root);
  return { member };
}

function foundEntry(
  name: string,
  file: string,
  entry: Record<string, unknown>,
  inputs: readonly AskedInput[],
): FoundEntry {
  // Zed had an object with the program and its arguments, opencode has a list of both.
  const { command } = entry;
  const program = isObject(command) ? command : { ...entry, path: command };
  const words = Array.isArray(command) ? command : [program.path, ...arrayOf(program.args)];
  return {
    name,
    file,
    command: textsOf(words),
    env: recordOfTexts(program.env ?? entry.env ?? entry.environment),
    envFile: typeof entry.envFile === "string" ? entry.envFile : undefined,
    passedOn: textsOf(arrayOf(entry.env_vars)),
    inputs,
  };
}

function inputOf({ id, description, password, default: preset }: Record<string, unknown>) {
  return {
    id: String(id),
    description: typeof description === "string" ? description : undefined,
    password: password === true,
    default: typeof preset === "string" ? preset : undefined,
  };
}

function recordOfTexts(value: unknown): Record<string, string> {
  const known = Object.entries(asObject(value)).filter(([, text]) => text !== null);
  return Object.fromEntries(known.map(([name, text]) => [name, String(text)]));
}

function textsOf(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === "string");
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
