import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { proxyEnvironment } from "../parts/proxy_command.ts";
import { type CommandResult, runCommand, withFolder } from "../parts/run_command.ts";

/** Runs a script in an empty folder. */
export type RunScript = (bash: string) => Promise<CommandResult>;

const sources = (path: string) => new URL(import.meta.resolve(`../../${path}`));

/**
 * Runs the commands of the documentation on this machine. `npx` and `deno` are stand-ins that start
 * this version of the program; the servers and the client of the examples are real ones on loopback.
 *
 * @param proxy the command that `npx -y mcp-oauth-proxy@2` stands for; without it, the real `npx`
 * @param env further variables
 */
export async function withPrograms(
  proxy: readonly string[] | undefined,
  test: (run: RunScript) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const client = {
    method: "client_secret_basic",
    clientId: "my-client",
    clientSecret: "my-secret",
    privateKeyPem: "",
  } as const;
  await using authorizationServer = await startAuthorizationServer({ clients: [client] });
  await using server = await startMcpServer({ authorizationServer });
  const hosts: [string, string][] = [
    ["https://mcp.example.com/mcp", server.url],
    ["https://auth.example.com", authorizationServer.issuer],
    ["mcp.example.com:443", new URL(server.url).host],
    ["auth.example.com:443", new URL(authorizationServer.issuer).host],
  ];
  await withFolder(async (folder) => {
    const programs = `${folder}/programs`;
    await Deno.mkdir(programs);
    await writeDeno(`${programs}/deno`);
    if (proxy) await writeNpx(`${programs}/npx`, proxy);
    const clean = proxyEnvironment();
    // Deno keeps what it has downloaded below the home folder, unless the variable names another place.
    const info = await runCommand(["info", "--json"], { command: [Deno.execPath()] });
    const { denoDir } = JSON.parse(info.stdout);
    await test(async (bash) => {
      const home = await Deno.makeTempDir({ dir: folder });
      const local = hosts.reduce((text, [from, to]) => text.replaceAll(from, to), bash);
      return runCommand(["-c", local], {
        command: ["bash"],
        cwd: home,
        env: {
          ...env,
          PATH: `${programs}:${clean.PATH}`,
          HOME: home,
          DENO_DIR: denoDir,
        },
      });
    });
  });
}

/** A `deno` that runs the sources for the package on JSR, with the versions of their own lock file. */
function writeDeno(path: string): Promise<void> {
  return writeProgram(
    path,
    `words=()
for word in "$@"; do
  case $word in
    jsr:@mcp-oauth-proxy/proxy*) word='${sources("cli.ts").href}' ;;
    --no-config) word='--config=${sources("deno.json").pathname}' ;;
  esac
  words+=("$word")
done
exec '${Deno.execPath()}' "\${words[@]}"`,
  );
}

/** An `npx` that starts the program under test. */
function writeNpx(path: string, proxy: readonly string[]): Promise<void> {
  return writeProgram(
    path,
    `[ "$1" = -y ] && shift
[ "$1" = --prefer-offline ] && shift
[ "$1" = mcp-oauth-proxy@2 ] || { echo "npx $*: not here" >&2; exit 99; }
shift
exec ${proxy.map((word) => `'${word}'`).join(" ")} "$@"`,
  );
}

async function writeProgram(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
}
