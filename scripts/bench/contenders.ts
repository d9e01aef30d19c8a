/** Who is measured, and how each is started. */
import { fileURLToPath } from "node:url";
import { installNode } from "../npm/nodes.ts";
import { install, type Installed, installOurs, root } from "./install.ts";
import { ACCESS_TOKEN, MODERN_META } from "./messages.ts";
import type { Upstream } from "./upstream.ts";

/** One program. */
export interface Contender {
  name: string;
  /**
   * What may be asked of it: everything over stdio; the same, timed by the program itself; or only to
   * start and end.
   */
  kind: "stdio" | "self-timed" | "empty";
  command: string[];
  cwd?: string;
  /** Its environment, given a folder that is new for each start. */
  env?: (scratch: string) => Record<string, string>;
  /** What each of the client's requests has in its `_meta`; with it, there is no `initialize`. */
  meta?: Readonly<Record<string, unknown>>;
  /** Where npm put it. */
  folder?: string;
  /** Its version or that of its runtime. */
  version: string;
}

/** A contender that could not be had, and why. */
export interface Unavailable {
  name: string;
  missing: string;
}

/** The proxies, and the limits that the machine and the runtimes set them. */
export const proxies = ["ours (node)", "ours (deno)", "v1", "mcp-remote", "supergateway"] as const;
/** Our proxy between a client and a server of different eras. */
export const bridges = ["legacy to modern (node)", "modern to legacy (node)"] as const;
/** See {@linkcode proxies}. */
export const limits = [
  "cat",
  "empty (node)",
  "empty (deno)",
  "pipe (node)",
  "pipe (deno)",
  "fetch (node)",
  "fetch (deno)",
  "http (node)",
  "least proxy (node)",
  "least proxy (deno)",
] as const;

/** The name of a contender. */
export type Name = typeof proxies[number] | typeof bridges[number] | typeof limits[number];

/** The Node that everything from npm runs on. */
export const NODE = "24";

/** Prepares the contenders called `names`; `fresh` installs them again. */
export async function contenders(
  names: readonly Name[],
  upstream: Upstream,
  fresh: boolean,
): Promise<(Contender | Unavailable)[]> {
  const node = await installNode(NODE);
  const settings = () => ({
    MCP_CLIENT_ID: "bench",
    MCP_CLIENT_SECRET: "bench-secret",
    MCP_SERVER_URL: upstream.mcp,
    MCP_AUTH_SERVER_URL: upstream.token,
  });
  const onNode = ({ bin, ...installed }: Installed, ...args: string[]) => ({
    kind: "stdio" as const,
    command: [node.path, bin, ...args],
    env: settings,
    ...installed,
  });
  const limit = (
    kind: Contender["kind"],
    runtime: "node" | "deno",
    file: string,
    arg?: string,
  ) => ({
    kind,
    command: [
      ...(runtime === "node" ? [node.path] : [Deno.execPath(), "run", "-A", "--quiet"]),
      fileURLToPath(new URL(`limits/${file}`, import.meta.url)),
      ...(arg ? [arg] : []),
    ],
    env: settings,
    version: runtime === "node" ? node.version : Deno.version.deno,
  });

  const table: Record<Name, () => Omit<Contender, "name"> | Promise<Omit<Contender, "name">>> = {
    "ours (node)": async () => onNode(await installOurs()),
    "ours (deno)": async () => {
      const { version } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
      const command = [
        Deno.execPath(),
        "run",
        "-A",
        "--quiet",
        fileURLToPath(new URL("cli.ts", root)),
      ];
      await Deno.stat(command.at(-1)!);
      return { kind: "stdio", command, env: settings, version };
    },
    "legacy to modern (node)": async () => ({
      ...onNode(await installOurs()),
      env: () => ({ ...settings(), MCP_SERVER_URL: upstream.modern }),
    }),
    "modern to legacy (node)": async () => ({
      ...onNode(await installOurs()),
      env: () => ({ ...settings(), MCP_SERVER_URL: upstream.legacy }),
      meta: MODERN_META,
    }),
    "v1": async () => onNode(await install("mcp-oauth-proxy", "1.0.2", fresh)),
    "mcp-remote": async () => {
      const client = '{"client_id":"bench","client_secret":"${MCP_CLIENT_SECRET}"}';
      return {
        ...onNode(
          await install("mcp-remote", "latest", fresh),
          ...[upstream.mcp, "--allow-http", "--transport", "http-only", "--silent"],
          ...["--client-credentials", "--token-endpoint", upstream.token],
          ...["--static-oauth-client-info", client],
        ),
        // A new folder each time, or it would start with the token of the time before.
        env: (scratch) => ({ ...settings(), MCP_REMOTE_CONFIG_DIR: scratch }),
      };
    },
    // It gets no token of its own: it is spared the token request.
    "supergateway": async () =>
      onNode(
        await install("supergateway", "latest", fresh),
        ...["--streamableHttp", upstream.mcp, "--oauth2Bearer", ACCESS_TOKEN],
        ...["--logLevel", "none"],
      ),
    "cat": () => ({ kind: "stdio", command: ["cat"], version: "" }),
    "empty (node)": () => limit("empty", "node", "empty.mjs"),
    "empty (deno)": () => limit("empty", "deno", "empty.mjs"),
    "pipe (node)": () => limit("stdio", "node", "echo.mjs"),
    "pipe (deno)": () => limit("stdio", "deno", "echo.mjs"),
    "fetch (node)": () => limit("self-timed", "node", "fetch_loop.mjs"),
    "fetch (deno)": () => limit("self-timed", "deno", "fetch_loop.mjs"),
    "http (node)": () => limit("self-timed", "node", "fetch_loop.mjs", "http"),
    "least proxy (node)": () => limit("stdio", "node", "least_proxy.mjs", "http"),
    "least proxy (deno)": () => limit("stdio", "deno", "least_proxy.mjs"),
  };
  const found = [];
  for (const name of names) {
    try {
      found.push({ name, ...await table[name]() });
    } catch (error) {
      found.push({ name, missing: (error as Error).message });
    }
  }
  return found;
}
