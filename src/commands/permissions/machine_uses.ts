import { PROXY_VARIABLES } from "../../runtime/proxy_variables.ts";
import type { Runtime } from "../../runtime/types.ts";
import { isOn, type Texts } from "../texts.ts";

/** What the proxy uses of the machine in addition to its settings. */
export interface MachineUses {
  /** The variables that it reads, and their texts. */
  readonly variables: Texts;
  /** The user's folder for shared tokens, if they are shared there. */
  readonly cacheFolder?: string;
}

/** Where the cache folder is read from, on any system. */
const HOMES = ["XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"];

/** What the proxy uses of this machine with these settings. */
export async function machineUsesOf(
  texts: Texts,
  { env, privateFiles }: Pick<Runtime, "env" | "privateFiles">,
): Promise<MachineUses> {
  const isShared = isOn(texts, "MCP_TOKEN_CACHE");
  const names = [...PROXY_VARIABLES, ...isShared ? HOMES : []];
  const folder = isShared ? (await privateFiles()).cacheFolder() : undefined;
  return {
    variables: new Map(names.map((name) => [name, env(name) ?? ""] as const).filter(([, t]) => t)),
    cacheFolder: folder ? `${folder}/mcp-oauth-proxy` : undefined,
  };
}
