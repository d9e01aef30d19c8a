import { join } from "node:path";
import { messageOf, rethrowFault } from "../../errors.ts";
import { plain } from "../../log/escape.ts";
import type { Host } from "../../runtime/types.ts";
import type { Invocation } from "../command.ts";
import { chooseEntry } from "../from_client/entry.ts";
import { removeEntry, writeEntry } from "./change_file.ts";
import { clientsHere } from "./clients_here.ts";
import { ANY_CLIENT, type Client, CLIENTS } from "./clients.ts";
import { type Draft, draftEntry } from "./draft.ts";
import { chooseIssuer } from "./issuer.ts";
import { expandPath } from "./paths.ts";
import { snippet } from "./render.ts";
import { CLIENT_NAMES, type ClientName, type LauncherName } from "../names.ts";
import { machineUsesOf } from "../permissions/machine_uses.ts";
import { print } from "../print.ts";
import { textsOf } from "../texts.ts";
import { wrap } from "../wrap.ts";
import { provideSecret } from "./secret_file.ts";

/**
 * `config [client]`: prints the entry for a client on stdout, and its file and the next steps on
 * stderr; with `--write`, writes it into the file; with `--remove`, takes it out again.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { operands: [word], options, runtime } = invocation;
  const machine = await runtime.host();
  const columns = machine.isTerminal("stderr") ? machine.columns() : undefined;
  const say = (text: string) => {
    for (const line of wrap(plain(text), columns)) runtime.writeStderr(`${line}\n`);
  };
  // A command must not be wrapped, so that it can be copied.
  const sayCommand = (what: string, words: string) =>
    runtime.writeStderr(`${what}:\n  ${runtime.program()} ${plain(words)}\n`);
  const client = word ? CLIENTS[word as ClientName] : undefined;
  const misuse = misuseOf(client, options);
  if (misuse) {
    say(`[Error] ${misuse}`);
    return 2;
  }
  const change = client &&
    { client, file: fileOf(client, options, machine), force: options.force === true };
  if (options.remove && change) {
    const name = options.name as string | undefined;
    const project = options.project === true;
    const entry = change.force && name !== undefined
      ? { name, file: change.file }
      : await chooseEntry({ client: word as ClientName, name, project }, runtime);
    const secretFile = await removeEntry({ ...change, file: entry.file }, entry.name, runtime);
    if (secretFile !== undefined) say(`The file with its secret is still there: ${secretFile}`);
    return 0;
  }
  const draft = await draftFor(client ?? {}, invocation);
  if (options.write && change) {
    const refusal = refusalToWrite(change.client, draft, options);
    if (refusal) {
      say(`[Error] ${refusal}`);
      return 2;
    }
    // The secret first: an entry must not name a file that does not exist.
    const isStored = draft.secretFile !== undefined &&
      await provideSecret(draft.secretFile, options["secret-from-stdin"] === true, runtime);
    await writeEntry(change, draft, runtime);
    for (const note of draft.notes) say(note);
    if (draft.secretNote && !isStored) say(draft.secretNote);
    if (change.client.nextStep) say(change.client.nextStep);
    const project = options.project ? " --project" : "";
    sayCommand("To test it", `check --from ${word} ${draft.name}${project}`);
    return 0;
  }
  await print(runtime, snippet(client ?? { ...ANY_CLIENT, file: NOWHERE }, draft));
  for (const note of [...draft.notes, draft.secretNote]) if (note) say(note);
  if (change) {
    say(`File: ${change.file}`);
    if (draft.missing.length === 0) say("To write it: run the same command with --write");
    if (change.client.nextStep) say(change.client.nextStep);
  } else {
    const { found, first = "vscode" } = await clientsHere(machine);
    runtime.writeStderr(found);
    sayCommand("To write the entry for a client", `config ${first} … --write`);
  }
  return 0;
}

/** The entry for a client from the settings, with the issuer that the MCP server names. */
async function draftFor(client: Partial<Client>, invocation: Invocation): Promise<Draft> {
  const { options, source, runtime } = invocation;
  const machine = await runtime.host();
  const launcher = (options.run ?? "npx") as LauncherName;
  const { issuer, note } = await chooseIssuer(textsOf(source), runtime);
  const permitted = launcher === "deno" ? await permittedTo(invocation) : undefined;
  const draft = draftEntry({
    source: (setting) => setting.variable === "MCP_AUTH_ISSUER" && issuer || source(setting),
    client,
    machine,
    launcher,
    name: options.name as string | undefined,
    executable: machine.executable(),
    ...permitted,
  });
  const notes = [...draft.notes, note, permitted?.note].filter((note) => note !== undefined);
  return { ...draft, notes };
}

/** What Deno's permissions depend on in addition to the settings. */
async function permittedTo({ source, runtime }: Invocation) {
  const { discoveredHosts } = await import("../permissions/hosts.ts");
  const texts = textsOf(source);
  const machineUses = await machineUsesOf(texts, runtime);
  try {
    return { hosts: await discoveredHosts(texts, runtime), machineUses };
  } catch (error) {
    rethrowFault(error);
    const note =
      `--allow-net in the entry has only the servers of the settings (${messageOf(error)}). ` +
      "Run this command again when the MCP server can be reached, or set MCP_AUTH_SERVER_URL.";
    return { hosts: [], machineUses, note };
  }
}

const NOWHERE = { linux: "", macos: "", windows: "" };

/** What is wrong with the options, whatever the settings are. */
function misuseOf(client: Client | undefined, options: Invocation["options"]): string | undefined {
  const { write, remove } = options;
  if (write && remove) return "--write and --remove cannot be used together";
  if (options["secret-from-stdin"] && !write) return "--secret-from-stdin needs --write";
  if (!client && (write || remove)) {
    return `--${write ? "write" : "remove"} needs a client: ${CLIENT_NAMES.join(", ")}`;
  }
  return undefined;
}

function refusalToWrite(
  client: Client,
  draft: Draft,
  options: Invocation["options"],
): string | undefined {
  if (options["secret-from-stdin"] && !draft.secretFile) {
    return `--secret-from-stdin is for clients that read the secret from a file; ${client.title} ` +
      "does not, or another credential is set";
  }
  if (draft.missing.length > 0) return `--write needs ${draft.missing.join(" and ")} to be set`;
  return undefined;
}

function fileOf(
  client: Client,
  { project }: Invocation["options"],
  machine: Host,
): string {
  if (!project) return expandPath(client.file[machine.os], machine);
  if (!client.projectFile) throw new Error(`${client.title} has no project file`);
  return join(machine.currentFolder(), client.projectFile);
}
