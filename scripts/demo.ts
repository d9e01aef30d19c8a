/**
 * Shows the proxy between an MCP client and a protected MCP server, all on this machine:
 *
 *     deno task demo              takes a few seconds and exits
 *     deno task demo --serve      keeps the servers running and prints an entry for mcp.json
 *
 * The authorization server is the certified `oidc-provider`. The MCP server and the MCP client are
 * those of the official SDK. The proxy is a child process on stdio, as every MCP client starts it.
 */
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../tests/parts/authorization_server.ts";
import { startMcpServer } from "../tests/parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../tests/parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../tests/parts/proxy_command.ts";
import { demoEntry, mcpJson } from "./demo/entry.ts";
import { createNarrator } from "./demo/narrator.ts";

const { step, says } = createNarrator(console.log);

const client = {
  method: "client_secret_basic",
  clientId: "demo-client",
  clientSecret: crypto.randomUUID(),
  privateKeyPem: "",
} as const;
await using authorizationServer = await startAuthorizationServer({ clients: [client] });
step(`The authorization server is running: ${authorizationServer.issuer}`);
authorizationServer.tokenRequests.follow(({ clientId, scope, status }) => {
  says("authorization server", `${clientId} requests a token for ${scope}: ${status}`);
});

await using server = await startMcpServer({ authorizationServer, requiredScopes: ["mcp:tools"] });
const { status } = await fetch(server.url, { method: "POST", body: "{}" });
step(`The MCP server is running: ${server.url}. Without a token it answers ${status}`);
server.requests.follow(({ method, status }) => says("MCP server", `${method}: ${status}`));

/** The proxy discovers the rest: the token endpoint, the resource, the scopes, the method. */
const settings = {
  MCP_CLIENT_ID: client.clientId,
  MCP_CLIENT_SECRET: client.clientSecret,
  MCP_SERVER_URL: server.url,
  MCP_AUTH_ISSUER: authorizationServer.issuer,
};

/** Does what an MCP client does: starts the proxy, lists the tools, calls some. */
async function useTheProxy(): Promise<void> {
  const [command, ...args] = proxyCommand();
  const transport = new StdioClientTransport({
    command,
    args,
    env: proxyEnvironment(settings),
    stderr: "pipe",
  });
  transport.stderr!.on("data", (chunk) => says("proxy", `${chunk}`));
  step("An MCP client without OAuth starts the proxy");
  const official = await connectOfficialClient(transport);
  const { name, version } = official.getServerVersion()!;
  step(`The client is connected to ${name} ${version}`);

  const { tools } = await official.listTools();
  step(`It lists the tools: ${tools.map(({ name }) => name).join(", ")}`);
  step(`It calls add with 2 and 40: ${await callTool(official, "add", { a: 2, b: 40 })}`);
  step(`It calls whoami: ${await callTool(official, "whoami")}`);
  await official.close();
  step("It closes stdin; the proxy ends the session and exits");
}

/** Resolves on Ctrl-C. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => Deno.addSignalListener("SIGINT", () => resolve()));
}

const WHAT_NEXT = `
What next?
  Keep these servers running, and use them from your own MCP client:
    npx -y deno@2 task demo --serve
  Use the proxy with your own server: README.md, "Quick start"
  Find out why a server refuses you:  README.md, "Check"
`;

/** The commands of README.md with the values of the demo. They need nothing but the clone. */
const COMMAND = "npx -y deno@2 run -A cli.ts";
const OPTIONS = `--client-id ${client.clientId} --server-url ${server.url}`;
const SHELL_LINES = [
  Deno.build.os === "windows"
    ? `  $env:MCP_CLIENT_SECRET = "${client.clientSecret}"`
    : `  export MCP_CLIENT_SECRET=${client.clientSecret}`,
  `  ${COMMAND} check ${OPTIONS}`,
  `  ${COMMAND} call whoami ${OPTIONS}`,
];

const HOW_TO_PASTE = `
In VS Code, write "servers" instead of "mcpServers". Then ask your MCP client to "add 2 and 40".
Each request appears here. The entry contains the secret because it is only valid for this demo: for
a real server, the command \`config\` writes an entry without the secret.

To try the commands of README.md with these servers, open another terminal in this folder:

${SHELL_LINES.join("\n")}`;

await useTheProxy();
if (Deno.args.includes("--serve")) {
  step("Both servers keep running until you press Ctrl-C. Paste this into your client's mcp.json:");
  console.log(`\n${mcpJson("demo", demoEntry(settings))}\n${HOW_TO_PASTE}\n`);
  await interrupted();
  step("Stopped");
} else {
  console.log(WHAT_NEXT);
}
