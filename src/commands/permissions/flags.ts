import { resolve } from "node:path";
import type { Texts } from "../texts.ts";

/** What a setting needs, by the end of its variable's name. */
const NEEDS: readonly {
  readonly variable: RegExp;
  readonly flag: string;
  readonly of: (text: string) => string | undefined;
}[] = [
  { variable: /_(URL|ISSUER)$/, flag: "--allow-net", of: hostOf },
  { variable: /^(?!NO)\w+_PROXY$/i, flag: "--allow-net", of: proxyOf },
  { variable: /_FILE$/, flag: "--allow-read", of: (path) => resolve(path) },
  { variable: /_COMMAND$/, flag: "--allow-run", of: programOf },
];

/** What the proxy uses of the machine. */
export interface Uses {
  /** The texts of the settings, and of what else it reads. */
  readonly texts: Texts;
  /** The variables that it reads from the environment. @default those of the texts */
  readonly variables?: Iterable<string>;
  /** `host:port` of further servers that it talks to, which metadata names. */
  readonly hosts?: Iterable<string>;
  /** The default folder for shared tokens. */
  readonly cacheFolder?: string;
}

/** The least permissions that the proxy needs under Deno, as flags of `deno run`. */
export function permissionFlags({ texts, variables, hosts, cacheFolder }: Uses): string[] {
  const flags = new Map<string, Set<string>>();
  const add = (flag: string, value: string | undefined) => {
    if (value === undefined) return;
    if (!flags.has(flag)) flags.set(flag, new Set());
    flags.get(flag)!.add(value);
  };
  for (const [variable, text] of texts) {
    for (const need of NEEDS) {
      if (need.variable.test(variable)) add(need.flag, need.of(text));
    }
  }
  for (const host of hosts ?? []) add("--allow-net", host);
  for (const variable of variables ?? texts.keys()) add("--allow-env", variable);
  const cache = texts.get("MCP_TOKEN_CACHE");
  const folder = cache === "true" ? cacheFolder : cache === "false" ? undefined : cache;
  for (const flag of ["--allow-read", "--allow-write"]) add(flag, folder);
  return [...flags].map(([flag, values]) => `${flag}=${[...values].join(",")}`);
}

/** `host:port` of a URL; nothing of what is none. */
export function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  return hostname && `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/** A proxy's URL may lack a scheme; `NO_PROXY` is a list of hosts. */
function proxyOf(text: string): string | undefined {
  return hostOf(text.includes("://") ? text : `http://${text}`);
}

/** The program of a command line, in quotes or not. */
function programOf(command: string): string | undefined {
  return /^\s*(?:\[\s*)?(?:"([^"]+)"|'([^']+)'|(\S+))/.exec(command)?.slice(1).find(Boolean);
}
