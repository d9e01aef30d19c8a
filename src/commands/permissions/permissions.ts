import { messageOf, rethrowFault } from "../../errors.ts";
import { createRedaction } from "../../log/redaction.ts";
import { keysInPath, parametersOf, SETTINGS, SettingsError } from "../../settings/settings.ts";
import { webAddress } from "../../settings/values.ts";
import type { Invocation } from "../command.ts";
import { permissionFlags } from "./flags.ts";
import { discoveredHosts } from "./hosts.ts";
import { machineUsesOf } from "./machine_uses.ts";
import { posixQuoted } from "../posix_quoted.ts";
import { print } from "../print.ts";
import { missingSecret, type Texts, textsOf } from "../texts.ts";

/**
 * `permissions`: prints the flags of `deno run` that the settings need, and no more. It asks the MCP
 * server, without credentials, for the servers that its metadata names.
 */
export async function run({ source, origin, runtime }: Invocation): Promise<number> {
  const texts = textsOf(source);
  checkServerUrl(texts.get("MCP_SERVER_URL"));
  checkFiles(texts);
  const variables = SETTINGS.filter((setting) => origin(setting) === "environment")
    .map(({ variable }) => variable);
  const needed = missingSecret(texts);
  if (needed) variables.push(needed.variable);

  const { variables: others, cacheFolder } = await machineUsesOf(texts, runtime);
  let problem: string | undefined;
  const { redactMessage } = createRedaction(keysOf(texts));
  const hosts = await discoveredHosts(texts, runtime).catch((error) => {
    rethrowFault(error);
    problem = redactMessage(messageOf(error));
    return [];
  });
  const flags = permissionFlags({
    texts: new Map([...texts, ...others]),
    variables: [...variables, ...others.keys()],
    hosts,
    cacheFolder,
  });
  // Without --no-config, a deno.json in the folder that it is started in could replace our imports.
  await print(runtime, `${["--no-config", ...flags].map(quoted).join(" ")}\n`);
  if (problem === undefined) return 0;
  runtime.writeStderr(`[Error] Servers may be missing in --allow-net: ${problem}\n`);
  return 1;
}

/** What could be keys in the URLs of the settings. */
function keysOf(texts: Texts): [name: string, value: string][] {
  const urls = SETTINGS.filter(({ kind }) => kind === "url")
    .map(({ variable }) => texts.get(variable) ?? "").filter((text) => URL.canParse(text));
  const serverUrl = new URL(texts.get("MCP_SERVER_URL") ?? "");
  return [...keysInPath(serverUrl), ...urls.flatMap((text) => parametersOf(new URL(text)))];
}

/** Checks the setting that all permissions depend on. Problems of others do not matter here. */
function checkServerUrl(text: string | undefined): void {
  try {
    webAddress(text ?? "");
  } catch (error) {
    rethrowFault(error);
    const problem = text === undefined ? "not set; the permissions depend on it" : messageOf(error);
    throw new SettingsError([`MCP_SERVER_URL: ${problem}`]);
  }
}

/** Checks what would be printed as paths: it may be a key. */
function checkFiles(texts: Texts): void {
  const problems = SETTINGS.filter(({ kind }) => kind === "file").flatMap((setting) => {
    try {
      setting.read(texts.get(setting.variable) ?? "");
      return [];
    } catch (error) {
      rethrowFault(error);
      return [`${setting.variable}: ${messageOf(error)}`];
    }
  });
  if (problems.length > 0) throw new SettingsError(problems);
}

/** Quotes a flag for a POSIX shell, if necessary. */
function quoted(flag: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(flag) ? flag : posixQuoted(flag);
}
