import { textReport } from "../../src/commands/check/report.ts";
import { startAuthorizationServer } from "../../tests/parts/authorization_server.ts";
import { startMcpServer } from "../../tests/parts/mcp_server.ts";
import { runCommand } from "../../tests/parts/run_command.ts";

/** What `check` prints on a terminal, with the styles of ECMA-48. */
export interface CheckOutputs {
  readonly succeeded: string;
  /** With a wrong client secret. */
  readonly failed: string;
}

/** Runs `check` with servers on this machine. */
export async function checkOutputs(columns: number): Promise<CheckOutputs> {
  const client = {
    method: "client_secret_basic",
    clientId: "my-client",
    clientSecret: "my-secret",
    privateKeyPem: "",
  } as const;
  await using authorizationServer = await startAuthorizationServer({ clients: [client] });
  await using server = await startMcpServer({ authorizationServer });
  const { issuer } = authorizationServer;
  const names: [string, string][] = [
    [server.url, "https://mcp.example.com/mcp"],
    [new URL(server.url).origin, "https://mcp.example.com"],
    [issuer, "https://auth.example.com"],
    [
      `${new URL(server.url).host} answers in cleartext`,
      "mcp.example.com (203.0.113.7) answers over TLS",
    ],
    ["test-server", "my-server"],
  ];
  async function check(secret: string): Promise<string> {
    const args = ["check", "--json", "--client-id", client.clientId];
    const { stdout } = await runCommand(
      [...args, "--server-url", server.url, "--auth-issuer", issuer],
      { env: { MCP_CLIENT_SECRET: secret } },
    );
    const named = names.reduce((text, [from, to]) => text.replaceAll(from, to), stdout);
    return asOnTerminal(named.trim().split("\n").map((line) => JSON.parse(line)), columns);
  }
  return { succeeded: await check(client.clientSecret), failed: await check("wrong") };
}

/** The text form of what `check --json` printed. */
// deno-lint-ignore no-explicit-any
function asOnTerminal(steps: readonly any[], columns: number): string {
  let output = "";
  let time = 0;
  const report = textReport({
    write: (text) => output += text,
    now: () => time,
    colours: true,
    columns,
  });
  for (const { step, outcome, ms, ...finding } of steps.slice(0, -1)) {
    report.begin(step);
    time += ms;
    report.end(outcome, finding);
  }
  report.sum();
  return output;
}
