/**
 * Shows the proxy at work among real parts, all on this machine:
 *
 *     deno task demo              takes a few seconds and exits
 *     deno task demo --serve      stays up and prints an mcp.json entry to paste
 *
 * The authorization server is the certified `oidc-provider`, server and client are the official MCP
 * SDK's, and the proxy is a child process on stdio, as every MCP client starts it.
 */
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../tests/parts/authorization_server.ts";
import { startMcpServer } from "../tests/parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../tests/parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../tests/parts/proxy_command.ts";
import { mcpJson } from "./demo/mcp_json.ts";
import { createNarrator } from "./demo/narrator.ts";

const { step, says } = createNarrator(console.log);

const client = {
  method: "client_secret_basic",
  clientId: "demo-client",
  clientSecret: crypto.randomUUID(),
  privateKeyPem: "",
} as const;
await using authorizationServer = await startAuthorizationServer({ clients: [client] });
step(`The authorization server is up: ${authorizationServer.issuer}`);
authorizationServer.tokenRequests.follow(({ clientId, scope, status }) => {
  says("authorization server", `${clientId} asks for a token for ${scope}: ${status}`);
});

await using server = await startMcpServer({ authorizationServer, requiredScopes: ["mcp:tools"] });
const { status } = await fetch(server.url, { method: "POST", body: "{}" });
step(`The MCP server is up: ${server.url}. Without a token it answers ${status}`);
server.requests.follow(({ method, status }) => says("MCP server", `${method}: ${status}`));

/** The proxy finds out the rest: whom to ask for a token, for what, and how. */
const settings = {
  MCP_CLIENT_ID: client.clientId,
  MCP_SERVER_URL: server.url,
};

/** What an MCP client does: start the proxy, list the tools, call one. */
async function useTheProxy(): Promise<void> {
  const [command, ...args] = proxyCommand();
  const transport = new StdioClientTransport({
    command,
    args,
    env: proxyEnvironment({ ...settings, MCP_CLIENT_SECRET: client.clientSecret }),
    stderr: "pipe",
  });
  transport.stderr!.on("data", (chunk) => says("proxy", `${chunk}`));
  step("An MCP client that knows nothing of OAuth starts the proxy");
  const official = await connectOfficialClient(transport);
  const { name, version } = official.getServerVersion()!;
  step(`The client is connected to ${name} ${version}`);

  const { tools } = await official.listTools();
  step(`It lists the tools: ${tools.map(({ name }) => name).join(", ")}`);
  step(`It calls add with 2 and 40: ${await callTool(official, "add", { a: 2, b: 40 })}`);
  step(`It calls whoami: ${await callTool(official, "whoami")}`);
  await official.close();
  step("It closes stdin, and the proxy ends the session and goes");
}

/** Resolves when the user has had enough. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => Deno.addSignalListener("SIGINT", () => resolve()));
}

await useTheProxy();
if (Deno.args.includes("--serve")) {
  step("Both servers stay up until Ctrl-C. An entry for mcp.json:");
  console.log(`\n${mcpJson(proxyCommand(), settings)}\n`);
  console.log(
    `Start your MCP client with MCP_CLIENT_SECRET=${client.clientSecret} in its environment.`,
  );
  console.log(
    "(Some clients write ${env:MCP_CLIENT_SECRET}; pasting the value works in all of them.)\n",
  );
  await interrupted();
}
