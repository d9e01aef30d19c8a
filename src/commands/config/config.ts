import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import { plain } from "../../log/escape.ts";
import type { Host } from "../../runtime/types.ts";
import type { Invocation } from "../command.ts";
import { changeOf } from "./change.ts";
import { ANY_CLIENT, type Client, CLIENTS } from "./clients.ts";
import { type Draft, draftEntry } from "./draft.ts";
import { chooseIssuer } from "./issuer.ts";
import { placeOf } from "./paths.ts";
import { memberOf } from "./merge.ts";
import { edits, snippet } from "./render.ts";
import { CLIENT_NAMES, type ClientName, type LauncherName } from "../names.ts";
import { machineUsesOf } from "../permissions/machine_uses.ts";
import { print } from "../print.ts";
import { textsOf } from "../texts.ts";
import { storeSecret } from "./secret_file.ts";

/**
 * `config [client]`: prints the entry for a client on stdout, and its file and the next steps on
 * stderr; with `--write`, writes it into the file.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { operands: [word], options, source, runtime } = invocation;
  const machine = await runtime.host();
  const client = word ? CLIENTS[word as ClientName] : undefined;
  const launcher = (options.run ?? "npx") as LauncherName;
  const { issuer, note } = await chooseIssuer(textsOf(source), runtime);
  const permitted = launcher === "deno" ? await permittedTo(invocation) : undefined;
  const drafted = draftEntry({
    source: (setting) => setting.variable === "MCP_AUTH_ISSUER" && issuer || source(setting),
    client: client ?? {},
    machine,
    launcher,
    name: options.name as string | undefined,
    storesSecret: options["secret-from-stdin"] === true,
    executable: machine.executable(),
    ...permitted,
  });
  const notes = [...drafted.notes, note, permitted?.note].filter((note) => note !== undefined);
  const draft = { ...drafted, notes };
  const say = (text: string) => runtime.writeStderr(`${plain(text)}\n`);
  const file = client && fileOf(client, options, machine);
  if (options.write) {
    const refusal = refusalToWrite(client, draft, options);
    if (!client || refusal) {
      say(`[Error] ${refusal}`);
      return 2;
    }
    // The secret first: an entry must not name a file that does not exist.
    if (options["secret-from-stdin"]) await storeSecret(draft.secretFile!, runtime);
    return await write(client, draft, file!, machine, invocation);
  }
  if (options["secret-from-stdin"]) {
    say("[Error] --secret-from-stdin needs --write");
    return 2;
  }
  await print(runtime, snippet(client ?? { ...ANY_CLIENT, file: NOWHERE }, draft));
  for (const note of draft.notes) say(note);
  if (client) {
    say(`File: ${file}`);
    if (!client.toml && draft.missing.length === 0) {
      say("To write it: run the same command with --write");
    }
    if (client.nextStep) say(client.nextStep);
  } else {
    say(`For a specific client: mcp-oauth-proxy config ${CLIENT_NAMES.join("|")}`);
  }
  return 0;
}

/** What Deno's permissions depend on in addition to the settings. */
async function permittedTo({ source, runtime }: Invocation) {
  const { discoveredHosts } = await import("../permissions/hosts.ts");
  const texts = textsOf(source);
  const machineUses = await machineUsesOf(texts, runtime);
  try {
    return { hosts: await discoveredHosts(texts, runtime), machineUses };
  } catch (error) {
    const note =
      `--allow-net in the entry has only the servers of the settings (${messageOf(error)}). ` +
      "Run this command again when the MCP server can be reached, or set MCP_AUTH_SERVER_URL.";
    return { hosts: [], machineUses, note };
  }
}

const NOWHERE = { linux: "", macos: "", windows: "" };

function refusalToWrite(
  client: Client | undefined,
  draft: Draft,
  options: Invocation["options"],
): string | undefined {
  if (!client) return `--write needs a client: ${CLIENT_NAMES.join(", ")}`;
  if (client.toml) return `--write cannot edit TOML; run it without --write and paste the output`;
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
  if (!project) return placeOf(client.file[machine.os], machine);
  if (!client.projectFile) throw new Error(`${client.title} has no project file`);
  return join(machine.currentFolder(), client.projectFile);
}

async function write(
  client: Client,
  draft: Draft,
  file: string,
  machine: Host,
  { runtime, options }: Invocation,
): Promise<number> {
  const before = await machine.readIfThere(file);
  let texts: string[];
  let present: unknown;
  try {
    present = memberOf(before ?? "", [client.serversKey, draft.name]);
    texts = edits(before ?? "", client, draft);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(
      `${client.title} cannot read ${file}: ${error.message}. The file was not changed`,
    );
  }
  // Every entry of ours names the package or the program.
  const isOurs = present === undefined || JSON.stringify(present).includes("mcp-oauth-proxy");
  if (!isOurs && !options.force) {
    throw new Error(
      `${file} has an entry "${draft.name}" that starts another program; the file was not changed. ` +
        "Choose another name with --name, or replace the entry with --force",
    );
  }
  const after = texts.at(-1)!;
  if (after === before) {
    await print(runtime, `${file} already has this entry\n`);
    return 0;
  }
  const changes = texts.map((text, at) => changeOf(texts[at - 1] ?? before ?? "", text));
  await print(runtime, `${file}\n${changes.join("")}`);
  const backup = await machine.replace(file, after);
  if (backup) await print(runtime, `Backup: ${backup}\n`);
  await print(runtime, `Written: ${file}\n`);
  for (const note of [...draft.notes, ...client.nextStep ? [client.nextStep] : []]) {
    runtime.writeStderr(`${plain(note)}\n`);
  }
  return 0;
}
