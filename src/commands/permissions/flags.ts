import { resolve } from "node:path";
import { PROXY_VARIABLES } from "../../runtime/proxy_variables.ts";
import { olderLog } from "../../runtime/log_file.ts";
import type { Kind } from "../../settings/setting.ts";
import { SETTINGS } from "../../settings/settings.ts";
import { tokenCache } from "../../settings/values.ts";
import type { Texts } from "../texts.ts";

const PROXY = /^(?!NO)\w+_PROXY$/i;

/** All permissions that the proxy can need with any settings. The binary has them. */
export const ALL_PERMISSIONS = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-sys",
] as const;

/** One of {@linkcode ALL_PERMISSIONS}. */
type Permission = typeof ALL_PERMISSIONS[number];

/** What a setting needs, by what its text is. */
const NEEDS: Partial<Record<Kind, readonly [Permission, (text: string) => string | undefined]>> = {
  url: ["--allow-net", hostOf],
  file: ["--allow-read", (path) => resolve(path)],
  command: ["--allow-run", programOf],
};

/** Variables that Deno's `node:http` and `node:tls` read, which serve HTTP proxies with a password. */
const VARIABLES_OF_NODE_TLS = [...PROXY_VARIABLES, "NODE_USE_SYSTEM_CA", "NODE_EXTRA_CA_CERTS"];

/** What the proxy uses of the machine. */
export interface Uses {
  /** The texts of the settings, and of what else it reads. */
  readonly texts: Texts;
  /** The variables that it reads from the environment. @default those of the texts */
  readonly variables?: Iterable<string>;
  /** `host:port` of other servers that it contacts, which metadata names. */
  readonly hosts?: Iterable<string>;
  /** The default folder for shared tokens. */
  readonly cacheFolder?: string;
}

/** The minimum Deno permissions of the proxy, as flags of `deno run`. */
export function permissionFlags({ texts, variables, hosts, cacheFolder }: Uses): string[] {
  const flags = new Map<Permission, Set<string>>();
  const add = (flag: Permission, value: string | undefined) => {
    if (value === undefined) return;
    flags.set(flag, (flags.get(flag) ?? new Set()).add(value));
  };
  const addLogFile = (path: string) => {
    for (const flag of ["--allow-read", "--allow-write"] as const) {
      for (const file of [path, olderLog(path)]) add(flag, file);
    }
  };
  for (const { variable, kind } of SETTINGS) {
    const text = texts.get(variable);
    const need = NEEDS[kind];
    if (text && need) add(need[0], need[1](text));
    if (text && kind === "output") addLogFile(resolve(text));
  }
  for (const [variable, text] of texts) if (PROXY.test(variable)) add("--allow-net", proxyOf(text));
  for (const host of hosts ?? []) add("--allow-net", host);
  for (const variable of variables ?? texts.keys()) add("--allow-env", variable);
  if (hasProxyPassword(texts)) {
    for (const variable of VARIABLES_OF_NODE_TLS) add("--allow-env", variable);
  }
  const folder = cacheFolderOf(texts, cacheFolder);
  add("--allow-read", folder);
  add("--allow-write", folder);
  return [
    ...[...flags].map(([flag, values]) => `${flag}=${[...values].join(",")}`),
    ...needsSystem(texts) ? ["--allow-sys"] : [],
  ];
}

/** The folder of the shared tokens: the user's own, or one that is set. */
function cacheFolderOf(texts: Texts, cacheFolder: string | undefined): string | undefined {
  try {
    const folder = tokenCache(texts.get("MCP_TOKEN_CACHE") ?? "false");
    return folder === true ? cacheFolder : folder && resolve(folder);
  } catch {
    return undefined; // The proxy refuses it.
  }
}

/**
 * Whether HTTP proxies with a password need system information: Deno's `node:tls` asks for it if it
 * is given certificates. `--allow-sys` with a name is not enough.
 */
function needsSystem(texts: Texts): boolean {
  return texts.has("MCP_CA_FILE") && hasProxyPassword(texts);
}

function hasProxyPassword(texts: Texts): boolean {
  const hasPassword = (text: string) => /^[^/]*\/\/[^/@]*@|^[^/@]+@/.test(text);
  return [...texts].some(([variable, text]) => PROXY.test(variable) && hasPassword(text));
}

/**
 * `host:port` of a URL; undefined for other texts, and for a host name with a comma: Deno would read
 * it as several entries of `--allow-net`, and a server's metadata could allow any address.
 */
export function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  if (!hostname || hostname.includes(",")) return undefined;
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/** A proxy's URL may lack a scheme; `NO_PROXY` is a list of hosts. */
function proxyOf(text: string): string | undefined {
  return hostOf(text.includes("://") ? text : `http://${text}`);
}

/** The program of a command line, in quotes or not. */
function programOf(command: string): string | undefined {
  return /^\s*(?:\[\s*)?(?:"([^"]+)"|'([^']+)'|(\S+))/.exec(command)?.slice(1).find(Boolean);
}
