/** The fields of `deno.json` that the npm package takes over. */
export interface DenoConfig {
  readonly version: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** What the package starts at: the file name in it, and the module it is built from. */
export const ENTRY_POINTS = { mod: "scripts/npm/mod.ts", cli: "src/cli_node.ts" } as const;

/** Sources that another one stands in for. */
export const STAND_INS = { "src/runtime/current.ts": "scripts/npm/current.ts" } as const;

/** Packages that npm installs beside ours. Everything else is inlined: of oauth4webapi we use a third. */
export const RUNTIME_DEPENDENCIES: readonly string[] = [];

const REPOSITORY = "https://github.com/Manoj-R-Kulkarni/mcp-oauth-proxy";

/**
 * The package.json of the npm package, the same whichever way its code is built.
 *
 * There is one ES module build: `require` gets it too on Node 20.19 and later, as long as no module
 * of it awaits at its top level.
 */
export function packageJson(config: DenoConfig): Record<string, unknown> {
  return {
    name: "mcp-oauth-proxy",
    version: config.version,
    description:
      "Lets an MCP client that only speaks stdio use an MCP server behind OAuth: client credentials, token renewal, Streamable HTTP.",
    keywords: [
      "mcp",
      "mcp-client",
      "modelcontextprotocol",
      "oauth",
      "oauth2",
      "oauth-client",
      "client-credentials",
      "proxy",
      "stdio",
      "streamable-http",
      "authentication",
      "bearer-token",
    ],
    author: "mcp-oauth-proxy contributors",
    license: config.license,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    bugs: { url: `${REPOSITORY}/issues` },
    homepage: `${REPOSITORY}#readme`,
    type: "module",
    bin: { "mcp-oauth-proxy": "esm/cli.js" },
    main: "./esm/mod.js",
    types: "./esm/mod.d.ts",
    exports: {
      ".": {
        types: "./esm/mod.d.ts",
        default: "./esm/mod.js",
      },
      "./package.json": "./package.json",
    },
    files: ["esm", "CHANGELOG.md"],
    engines: { node: ">=20" },
    dependencies: Object.fromEntries(
      RUNTIME_DEPENDENCIES.map((name) => [name, npmRange(name, config.imports[name])]),
    ),
  };
}

/** `^1.2.3` of `npm:name@^1.2.3`. */
function npmRange(name: string, specifier: string | undefined): string {
  const prefix = `npm:${name}@`;
  if (!specifier?.startsWith(prefix)) throw new Error(`deno.json does not import ${prefix}…`);
  return specifier.slice(prefix.length);
}
