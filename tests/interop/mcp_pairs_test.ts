import { assert, assertEquals } from "@std/assert";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";
import { runCommand } from "../parts/run_command.ts";
import { installPython, pythonVersion } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";
import { writeTable } from "./parts/report.ts";

// Each MCP client with each MCP server, with the proxy between them and oidc-provider for the tokens.

/** What a client saw. */
interface Seen {
  readonly protocol: string;
  readonly tools: readonly string[];
  readonly echo: string;
  readonly clientId: string;
  readonly countdown: string;
  readonly progress: readonly number[];
}

interface Client {
  readonly name: string;
  /** Whether it passes on progress that it reads together with the answer. */
  readonly reportsAll: boolean;
  use(env: Record<string, string>): Promise<Seen>;
}

interface Server {
  readonly name: string;
  readonly eras: string;
  start(authorizationServer: AuthorizationServer): Promise<AsyncDisposable & { url: string }>;
}

const file = (name: string) => new URL(import.meta.resolve(`./python/${name}`)).pathname;

async function pythonSdk(range: string): Promise<{ name: string; python: string }> {
  const python = await installPython(range.replace(/\W+/g, "_"), [range, "pyjwt[crypto]"]);
  return { python, name: `Python \`mcp\` ${await pythonVersion(python, "mcp")}` };
}

const pythonClient = ({ name, python }: { name: string; python: string }): Client => ({
  name,
  reportsAll: true,
  async use(env) {
    const args = [file("mcp_client.py"), ...proxyCommand()];
    const { code, stdout, stderr } = await runCommand(args, { command: [python], env });
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout);
  },
});

const pythonServer = (
  { name, python }: { name: string; python: string },
  eras: string,
): Server => ({
  name,
  eras,
  async start({ issuer, jwksUri, protect }) {
    const port = freePort();
    const url = `http://127.0.0.1:${port}/mcp`;
    protect(url, ["mcp:tools"]);
    const program = await startProgram([python, file("mcp_server.py")], port, {
      env: {
        PORT: `${port}`,
        ISSUER: issuer,
        JWKS_URI: jwksUri,
      },
    });
    return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  },
});

const typeScriptClient = (mode: "legacy" | "auto"): Client => ({
  name: `TypeScript 2.4, ${mode === "auto" ? "both eras" : "2025-11-25"}`,
  reportsAll: false,
  async use(env) {
    const [command, ...args] = proxyCommand();
    const transport = new StdioClientTransport({ command, args, env: proxyEnvironment(env) });
    const client = await connectOfficialClient(transport, { versionNegotiation: { mode } });
    try {
      const progress: number[] = [];
      return {
        protocol: client.getNegotiatedProtocolVersion()!,
        tools: (await client.listTools()).tools.map(({ name }) => name),
        echo: await callTool(client, "echo", { text: "Grüße" }),
        clientId: JSON.parse(await callTool(client, "whoami")).clientId,
        countdown: await callTool(client, "countdown", { from: 3 }, {
          onprogress: (report) => void progress.push(report.progress),
        }),
        progress,
      };
    } finally {
      await client.close();
    }
  },
});

const typeScriptServer = (era: "legacy" | "modern"): Server => ({
  name: "TypeScript 2.4",
  eras: era === "legacy" ? "2025-11-25" : "2026-07-28",
  start: (authorizationServer) => startMcpServer({ authorizationServer, era }),
});

Deno.test("MCP clients and servers of Python and TypeScript work together through the proxy", async (t) => {
  const [python1, python2] = await Promise.all([pythonSdk("mcp<2"), pythonSdk("mcp>=2,<3")]);
  const clients = [
    pythonClient(python1),
    pythonClient(python2),
    typeScriptClient("legacy"),
    typeScriptClient("auto"),
  ];
  const servers = [
    pythonServer(python1, "2025-11-25"),
    pythonServer(python2, "both"),
    typeScriptServer("legacy"),
    typeScriptServer("modern"),
  ];
  const rows: string[][] = [];
  for (const server of servers) {
    await using authorizationServer = await startAuthorizationServer({ path: "/oauth" });
    await using running = await server.start(authorizationServer);
    const { clientId, clientSecret } = authorizationServer.clients.client_secret_basic;
    const cells: string[] = [];
    for (const client of clients) {
      let cell = "fails";
      await t.step(`${client.name} with ${server.name}, ${server.eras}`, async () => {
        const seen = await client.use({
          MCP_CLIENT_ID: clientId,
          MCP_CLIENT_SECRET: clientSecret,
          MCP_SERVER_URL: running.url,
        });
        assert(seen.tools.includes("echo"));
        const { echo, countdown, progress } = seen;
        assertEquals([echo, seen.clientId, countdown], ["Grüße", clientId, "Liftoff"]);
        cell = `${seen.protocol}: tools`;
        if (client.reportsAll) {
          assertEquals(progress, [1, 2, 3]);
          cell += ", progress";
        }
      });
      cells.push(cell);
    }
    rows.push([`${server.name}, ${server.eras}`, ...cells]);
  }
  await writeTable("compatibility.md", "pairs", [
    "server",
    ...clients.map(({ name }) => `client: ${name}`),
  ], rows);
});
