import { messageOf } from "../errors.ts";
import { PROXY_VARIABLES } from "../runtime/proxy_variables.ts";
import { SETTINGS, SettingsError } from "../settings.ts";
import type { Invocation } from "./command.ts";
import { permissionFlags } from "./permissions/flags.ts";
import { discoveredHosts } from "./permissions/hosts.ts";
import { print } from "./print.ts";
import { hasCredential, textsOf } from "./texts.ts";

/** Where the cache folder is read from, on any system. */
const HOMES = ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"];

/**
 * `permissions`: prints the least flags of `deno run` for the settings. The servers that metadata
 * names are asked for, without credentials.
 */
export async function run({ source, origin, runtime }: Invocation): Promise<number> {
  const texts = textsOf(source);
  if (!URL.canParse(texts.get("MCP_SERVER_URL") ?? "")) {
    throw new SettingsError(["MCP_SERVER_URL: no URL is set; it decides what is needed"]);
  }
  const variables = SETTINGS.filter((setting) => origin(setting) === "environment")
    .map(({ variable }) => variable);
  if (!hasCredential(texts)) variables.push("MCP_CLIENT_SECRET");

  const others = new Map<string, string>();
  const read = (names: readonly string[]) => {
    for (const name of names) if (runtime.env(name)) others.set(name, runtime.env(name)!);
  };
  read(PROXY_VARIABLES);
  const cache = texts.get("MCP_TOKEN_CACHE");
  if (cache === "true") read(HOMES);
  const cacheFolder = cache === "true"
    ? (await runtime.privateFiles()).cacheFolder() + "/mcp-oauth-proxy"
    : cache === "false"
    ? undefined
    : cache;

  let problem: string | undefined;
  const caFile = texts.get("MCP_CA_FILE");
  const ca = caFile && await runtime.readTextFile(caFile);
  const hosts = await discoveredHosts(texts, runtime.http({ ca })).catch((error) => {
    problem = messageOf(error);
    return [];
  });
  const flags = permissionFlags({
    texts: new Map([...texts, ...others]),
    variables: [...variables, ...others.keys()],
    hosts,
    cacheFolder,
  });
  await print(runtime, `${flags.join(" ")}\n`);
  if (problem === undefined) return 0;
  runtime.writeStderr(`[Error] Servers may be missing in --allow-net: ${problem}\n`);
  return 1;
}
