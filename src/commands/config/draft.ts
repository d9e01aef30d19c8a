import { isAbsolute, resolve } from "node:path";
import { isSecretName } from "../../log/redaction.ts";
import type { Host } from "../../runtime/types.ts";
import { type Setting, SETTINGS, type SettingsSource } from "../../settings/settings.ts";
import { isFlag } from "../../settings/values.ts";
import type { LauncherName } from "../names.ts";
import { permissionFlags } from "../permissions/flags.ts";
import type { MachineUses } from "../permissions/machine_uses.ts";
import { isRequired, missingSecret, textsOf } from "../texts.ts";
import type { Client, Entry } from "./clients.ts";
import { type Input, referToSecret } from "./secrets.ts";

/** What is to be written into a client's file. */
export interface Draft {
  /** What the client calls the server. */
  readonly name: string;
  /** What it starts. */
  readonly entry: Entry;
  /** The questions that its `inputs` declare. */
  readonly inputs: readonly Input[];
  /** Variables that it has to pass on from its own environment. */
  readonly passedOn: readonly string[];
  /** Required variables that are not set; the entry has an example of each. */
  readonly missing: readonly string[];
  /** File that the client secret is read from, if the client can only read it from a file. */
  readonly secretFile?: string;
  /** What the user has to do if nobody writes this file. */
  readonly secretNote?: string;
  /** What the user has to do or to know, one line each. */
  readonly notes: readonly string[];
}

/** The name, on JSR, that Deno starts the proxy by. */
const JSR = "jsr:@mcp-oauth-proxy/proxy@^2";

/**
 * Drafts the entry for a client from the settings. Secrets are referred to, never written.
 *
 * @param source the settings
 * @param client how the client is configured
 * @param machine where files are
 * @param hosts of the servers that metadata names, for Deno's permissions
 * @param machineUses what else the proxy uses, for Deno's permissions
 */
export function draftEntry(
  { source, client, machine, launcher, name, hosts, machineUses, executable }: {
    source: SettingsSource;
    client: Partial<Client>;
    machine: Pick<Host, "os" | "homeFolder" | "currentFolder">;
    launcher: LauncherName;
    name?: string;
    hosts?: readonly string[];
    machineUses?: MachineUses;
    /** Path of the program that runs now, for the launcher `binary`. */
    executable?: string;
  },
): Draft {
  const texts = textsOf(source);
  const missing: string[] = [];
  for (const setting of SETTINGS) {
    const { variable, example } = setting;
    const text = texts.get(variable);
    if (text !== undefined) texts.set(variable, fromHere(setting, text, machine));
    else if (example !== undefined && isRequired(setting, texts)) {
      missing.push(variable);
      texts.set(variable, example);
    }
  }
  const needed = missingSecret(texts);
  if (needed) texts.set(needed.variable, "");

  const serverName = name ?? nameOf(texts.get("MCP_SERVER_URL") ?? "");
  const env: Record<string, string> = {};
  const inputs: Input[] = [];
  const passedOn: string[] = [];
  const notes: string[] = [];
  let secretFile: string | undefined;
  let secretNote: string | undefined;
  for (const setting of SETTINGS) {
    const { variable, kind } = setting;
    const text = texts.get(variable);
    if (text === undefined) continue;
    if (kind !== "secret" && !setting.containsSecret?.(text)) {
      env[variable] = text;
      if (hasKey(text)) notes.push(`${variable} contains a key, which is written into the entry.`);
      continue;
    }
    const secret = referToSecret(setting, serverName, client, machine);
    if (secret.variable) env[secret.variable[0]] = secret.variable[1];
    if (secret.input) inputs.push(secret.input);
    if (secret.passedOn) passedOn.push(secret.passedOn);
    if (variable === "MCP_CLIENT_SECRET" && secret.file) {
      secretFile = secret.file;
      secretNote = secret.note;
    } else if (secret.note) notes.push(secret.note);
  }
  if (missing.length > 0) notes.push(`Replace the example values of ${missing.join(" and ")}.`);
  const launch = LAUNCHES[launcher]({ env, passedOn, hosts, machineUses, executable });
  const isScript = launcher === "npx" || launcher === "installed";
  const wrapped = client.cmdOnWindows && machine.os === "windows" && isScript
    ? { command: "cmd", args: ["/c", launch.command, ...launch.args] }
    : launch;
  return {
    name: serverName,
    entry: { ...wrapped, env },
    inputs,
    passedOn,
    missing,
    secretFile,
    secretNote,
    notes,
  };
}

/** What the ways to start the proxy depend on. */
interface Launch {
  readonly env: Readonly<Record<string, string>>;
  readonly passedOn: readonly string[];
  readonly hosts?: readonly string[];
  readonly machineUses?: MachineUses;
  readonly executable?: string;
}

const PROGRAM = "mcp-oauth-proxy";

/** How each launcher starts the proxy. */
const LAUNCHES: Readonly<
  Record<LauncherName, (launch: Launch) => { command: string; args: string[] }>
> = {
  npx: () => ({ command: "npx", args: ["-y", "--prefer-offline", `${PROGRAM}@2`] }),
  installed: () => ({ command: PROGRAM, args: [] }),
  deno({ env, passedOn, hosts, machineUses }) {
    const texts = new Map([
      ...Object.entries(env),
      ...passedOn.map((name) => [name, ""] as const),
      ...machineUses?.variables ?? [],
    ]);
    const flags = permissionFlags({ texts, hosts, cacheFolder: machineUses?.cacheFolder });
    // Without --no-config, a deno.json in the client's workspace could replace our imports.
    return { command: "deno", args: ["run", "--no-config", ...flags, JSR] };
  },
  binary({ executable = PROGRAM }) {
    // Under Node or Deno, the executable is not the binary.
    const isBinary = /[^/\\]*$/.exec(executable)?.[0].includes(PROGRAM);
    return { command: isBinary ? executable : PROGRAM, args: [] };
  },
};

/** Makes paths absolute, since the client starts the proxy in another folder. */
function fromHere(
  { kind }: Setting,
  text: string,
  { currentFolder }: Pick<Host, "currentFolder">,
): string {
  const hasPath = kind === "file" || kind === "output" || kind === "folder" && !isFlag(text);
  return hasPath && !isAbsolute(text) ? resolve(currentFolder(), text) : text;
}

/** Whether the text of a setting is a URL whose query has a secret in it. */
function hasKey(text: string): boolean {
  return URL.canParse(text) && [...new URL(text).searchParams.keys()].some(isSecretName);
}

/** The default name of a server: its host name. */
function nameOf(serverUrl: string): string {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).hostname : "";
  return host.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "my-mcp-server";
}
