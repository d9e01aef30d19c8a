import type { Host, Runtime } from "../../runtime/types.ts";
import { createAsker } from "../ask.ts";
import { type Client, CLIENTS } from "../config/clients.ts";
import type { ClientName } from "../names.ts";
import { suggestion } from "../suggestion.ts";
import { entriesIn, filesOf, type FoundEntry, isProxy, startsProxy } from "./client_file.ts";
import { type References, withoutReferences } from "./references.ts";

/** What an MCP client starts, with the values that it would start it with. */
export interface ClientEntry {
  /** The client's title. */
  readonly client: string;
  /** What the client calls the server. */
  readonly name: string;
  /** Path of the file that has the entry. */
  readonly file: string;
  /** The words that start the proxy, without its own arguments. */
  readonly command: readonly string[];
  /** The arguments that the proxy gets. */
  readonly args: readonly string[];
  /** The environment variables that the proxy gets from the client. */
  readonly env: Readonly<Record<string, string>>;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/** Which entry to read. */
export interface EntryChoice {
  readonly client: ClientName;
  /** Name of the server in the client. @default the only entry that starts the proxy */
  readonly name?: string;
  /** Read only the file of the project in the current folder. @default {false} */
  readonly project?: boolean;
}

/** What reading an entry needs of the machine. */
export type EntryRuntime =
  & Pick<
    Runtime,
    "program" | "env" | "stdin" | "stdinIsTerminal" | "hideInput" | "writeStderr" | "exit"
  >
  & { host(): Promise<EntryHost> };
/** What finding an entry needs of the machine. */
type Finder = Pick<EntryRuntime, "program" | "host">;
/** The part of the host that reading an entry needs. */
export type EntryHost = Pick<Host, "os" | "homeFolder" | "currentFolder" | "readIfThere">;

/**
 * Reads an entry from the client's file and replaces its references: variables of the environment,
 * and values that the client asks for, which are asked for here.
 *
 * @throws {Error} if there is no such entry, or no value for it
 */
export async function readEntry(choice: EntryChoice, runtime: EntryRuntime): Promise<ClientEntry> {
  const client = CLIENTS[choice.client];
  const machine = await runtime.host();
  const entry = await chooseEntry(choice, runtime);
  const notes: string[] = [];
  const env = { ...await fileVariables(entry, machine), ...entry.env };
  const variable = createVariables(client, runtime, (note) => notes.push(note));
  const resolve = createResolver(entry, client, machine, runtime, variable);
  const resolved: Record<string, string> = {};
  for (const name of entry.passedOn) resolved[name] = variable(name);
  for (const [name, text] of Object.entries(env)) resolved[name] = await resolve(text, name);
  const command: string[] = [];
  for (const word of entry.command) command.push(await resolve(word));
  return {
    client: client.title,
    name: entry.name,
    file: entry.file,
    ...divided(command),
    env: resolved,
    notes,
  };
}

/** The entries of the client's files on this machine; the project's file comes first. */
async function allEntries({ client: name, project }: EntryChoice, { program, host }: Finder) {
  const machine = await host();
  const client = CLIENTS[name];
  const files = filesOf(client, machine);
  if (project && !files.project) throw new Error(`${client.title} has no project file`);
  const paths = [files.project, project ? undefined : files.user].filter((path) =>
    path !== undefined
  );
  const found: FoundEntry[] = [];
  let exists = false;
  for (const file of paths) {
    const text = await machine.readIfThere(file);
    if (text === undefined) continue;
    exists = true;
    try {
      found.push(...await entriesIn(text, file, name, machine.currentFolder()));
    } catch (error) {
      throw new Error(`${client.title} cannot read ${file}: ${firstLine(error)}`);
    }
  }
  if (exists) return found;
  throw new Error(
    `${client.title} has no file with MCP servers: ${paths.join(" and ")} ` +
      `${paths.length > 1 ? "do" : "does"} not exist. ` +
      `To write an entry: ${program()} config ${name} --write`,
  );
}

/**
 * The entry with the name, or the only one that starts the proxy.
 *
 * @throws {Error} if there is no such entry, or several
 */
export async function chooseEntry(choice: EntryChoice, runtime: Finder): Promise<FoundEntry> {
  const entries = await allEntries(choice, runtime);
  const { title } = CLIENTS[choice.client];
  const ours = entries.filter(startsProxy);
  const names = [...new Set(ours.map(({ name }) => name))];
  const known = names.length > 0
    ? `Entries that start it: ${names.join(", ")}`
    : `To write one: ${runtime.program()} config ${choice.client} --write`;
  if (choice.name === undefined) {
    if (names.length === 1) return ours[0];
    throw new Error(
      names.length === 0
        ? `${title} has no entry that starts mcp-oauth-proxy. ${known}`
        : `${title} has several entries that start mcp-oauth-proxy. Add one of these names: ${
          names.join(", ")
        }`,
    );
  }
  const entry = ours.find(({ name }) => name === choice.name);
  if (entry) return entry;
  if (entries.some(({ name }) => name === choice.name)) {
    throw new Error(
      `The entry "${choice.name}" of ${title} does not start mcp-oauth-proxy. ${known}`,
    );
  }
  const near = suggestion(choice.name, names);
  throw new Error(
    `${title} has no entry "${choice.name}"${near ? `; did you mean ${near}?` : "."} ${known}`,
  );
}

/** What starts the proxy, and what follows it. */
function divided(words: readonly string[]): Pick<ClientEntry, "command" | "args"> {
  const first = words.findIndex(isProxy);
  // `npx --package mcp-oauth-proxy@2 mcp-oauth-proxy` names it twice.
  const at = words[first + 1] === "mcp-oauth-proxy" ? first + 2 : first + 1;
  return { command: words.slice(0, at), args: words.slice(at) };
}

/** Reads variables, and reports those that are not set: the client may have another environment. */
function createVariables(
  { title }: Client,
  { env }: Pick<Runtime, "env">,
  onNote: (note: string) => void,
): References["variable"] {
  return (name, preset) => {
    const value = env(name);
    if (!value && preset === undefined) {
      onNote(
        `The entry takes ${name} from the environment in which ${title} is started; ` +
          "it is not set here",
      );
    }
    return value || (preset ?? "");
  };
}

/** Replaces the references in a text, which is the value of a variable if that is named. */
function createResolver(
  entry: FoundEntry,
  client: Client,
  machine: EntryHost,
  runtime: EntryRuntime,
  variable: References["variable"],
): (text: string, variable?: string) => Promise<string> {
  const asker = createAsker(runtime);
  const answers = new Map<string, string>();
  const folders = { userHome: machine.homeFolder(), workspaceFolder: machine.currentFolder() };

  async function input(id: string, variable?: string): Promise<string> {
    // A value in the environment saves the question, for example in a script.
    const preset = variable && runtime.env(variable);
    if (preset) return preset;
    const known = answers.get(id);
    if (known !== undefined) return known;
    const { description, password, default: otherwise = "" } =
      entry.inputs.find((input) => input.id === id) ?? {};
    const answer = await asker.ask(description ?? id, password === true) || otherwise;
    answers.set(id, answer);
    return answer;
  }

  return (text, name) =>
    withoutReferences(text, client, { variable, input: (id) => input(id, name), folders });
}

/** The variables of the file that the entry names, one `NAME=value` per line. */
async function fileVariables({ envFile }: FoundEntry, machine: EntryHost) {
  if (!envFile) return {};
  const path = envFile.replaceAll("${workspaceFolder}", machine.currentFolder());
  const text = await machine.readIfThere(path) ?? "";
  const pairs = text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(.*?)[ \t]*$/gm);
  return Object.fromEntries(
    Array.from(pairs, ([, name, value]) => [name, value.replace(/^(["'])(.*)\1$/, "$2")]),
  );
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}
