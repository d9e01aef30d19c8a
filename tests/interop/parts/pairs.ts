import { assertEquals } from "@std/assert";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../../parts/authorization_server.ts";
import { proxyCommand, proxyEnvironment } from "../../parts/proxy_command.ts";
import { readLines } from "../../parts/read_lines.ts";
import { freePort, startProgram } from "./program.ts";

// An MCP client and an MCP server with the proxy between them, and oidc-provider for the tokens.

/** What a client saw; a text that begins with `error` in place of an answer that it did not get. */
export interface Seen {
  /** Protocol version that the client speaks. */
  readonly protocol: string;
  readonly tools: readonly string[];
  readonly echo: string;
  readonly clientId: string;
  readonly countdown: string;
  readonly progress: readonly number[];
  readonly logging?: string;
  readonly elicitation?: string;
  readonly sampling?: string;
  readonly roots?: string;
  readonly list_changed?: boolean;
  /** The resource whose change the server announced. */
  readonly updated?: string;
  /** How many calls the server has seen cancelled. */
  readonly cancelled?: string;
  /** What `echo` says after the server was started again. */
  readonly restart?: string;
  /** The resource whose change the new server announced. */
  readonly updated_again?: string;
}

/** The resource that each server has; its tool `change_resource` announces a change of it. */
export const CLOCK = "note://clock";

/** Ends the server, and resolves when it runs again at the same address. */
export type RestartServer = () => Promise<void>;

/** A client program. */
export interface PairClient {
  readonly name: string;
  /** Features that it lacks. */
  missing?(seen: Seen): readonly string[];
  /** Starts the proxy, uses each tool of the server and tells what it saw. */
  use(env: Record<string, string>, restartServer: RestartServer): Promise<Seen>;
}

/** A server program. */
export interface PairServer {
  readonly name: string;
  /** Features that it lacks. */
  missing?(seen: Seen): readonly string[];
  /** Starts it as a resource server of this authorization server, at a port of 127.0.0.1. */
  start(
    authorizationServer: AuthorizationServer,
    port: number,
  ): Promise<AsyncDisposable & { url: string }>;
}

/** What works, by the name in the table. */
const FEATURES: Readonly<Record<string, (seen: Seen, clientId: string) => boolean>> = {
  tools: ({ tools, echo, clientId }, id) =>
    tools.includes("echo") && echo === "Grüße" && clientId === id,
  progress: ({ progress, countdown }) => countdown === "Liftoff" && `${progress}` === "1,2,3",
  logging: ({ logging }) => logging === "a message",
  elicitation: ({ elicitation }) => elicitation === "Hello, Ada",
  sampling: ({ sampling }) => sampling === "In short: words",
  roots: ({ roots }) => roots === "file:///work",
  list_changed: ({ list_changed }) => list_changed === true,
  updated: ({ updated }) => updated === CLOCK,
  cancellation: ({ cancelled }) => Number(cancelled) > 0,
  restart: ({ restart }) => restart === "again",
  "updated after restart": ({ updated_again }) => updated_again === CLOCK,
};

const ALL = Object.keys(FEATURES);

/**
 * A client program that starts the command of its arguments. It prints the line `restart`, waits for
 * a line when the server has started again, and prints what it saw as JSON.
 */
export const programClient = (
  name: string,
  command: readonly string[],
  missing?: (seen: Seen) => readonly string[],
): PairClient => ({
  name,
  missing,
  async use(env, restartServer) {
    const [program, ...args] = [...command, ...proxyCommand()];
    const child = new Deno.Command(program, {
      args,
      env: proxyEnvironment(env),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(120_000),
    }).spawn();
    const stdin = child.stdin.getWriter();
    const lines: string[] = [];
    const [stderr] = await Promise.all([
      new Response(child.stderr).text(),
      readLines(child.stdout, async (line) => {
        if (line !== "restart") return void lines.push(line);
        await restartServer();
        await stdin.write(new TextEncoder().encode("restarted\n"));
      }),
    ]);
    assertEquals((await child.status).code, 0, stderr);
    await stdin.close().catch(() => {});
    return JSON.parse(lines.join("\n"));
  },
});

/** A server program that reads PORT, ISSUER and JWKS_URI from its environment. */
export const programServer = (
  name: string,
  eras: string,
  command: readonly string[],
  missing?: (seen: Seen) => readonly string[],
): PairServer => ({
  name: `${name}, ${eras}`,
  missing,
  async start({ issuer, jwksUri, protect }, port) {
    const url = `http://127.0.0.1:${port}/mcp`;
    protect(url, ["mcp:tools"]);
    const env = { PORT: `${port}`, ISSUER: issuer, JWKS_URI: jwksUri };
    const program = await startProgram(command, port, { env });
    return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  },
});

/**
 * Has each client use a server.
 *
 * @returns a cell for each client: the protocol version that it spoke, and what works
 */
export async function testPairs(
  t: Deno.TestContext,
  server: PairServer,
  clients: readonly PairClient[],
): Promise<string[]> {
  await using authorizationServer = await startAuthorizationServer({ path: "/oauth" });
  const port = freePort();
  const start = () => server.start(authorizationServer, port);
  let running = await start();
  await using _last = { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_basic;
  const cells: string[] = [];
  for (const client of clients) {
    let cell = "fails";
    await t.step(`${client.name} with ${server.name}`, async () => {
      const seen = await client.use({
        MCP_CLIENT_ID: clientId,
        MCP_CLIENT_SECRET: clientSecret,
        MCP_SERVER_URL: running.url,
      }, async () => {
        await running[Symbol.asyncDispose]();
        // A call on a connection that is just being closed fails: it may have run.
        await new Promise((resolve) => setTimeout(resolve, 100));
        running = await start();
      });
      const failed = ALL.filter((name) => !FEATURES[name](seen, clientId));
      cell = `${seen.protocol}: ${failed.length > 0 ? `all but ${failed.join(", ")}` : "all"}`;
      const missing = [...client.missing?.(seen) ?? [], ...server.missing?.(seen) ?? []];
      assertEquals(failed, ALL.filter((name) => missing.includes(name)), JSON.stringify(seen));
    });
    cells.push(cell);
  }
  return cells;
}
