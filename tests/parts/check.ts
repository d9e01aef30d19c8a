import { assertEquals } from "@std/assert";
import { type AuthorizationServer, startAuthorizationServer } from "./authorization_server.ts";
import { type McpServerOptions, type RunningMcpServer, startMcpServer } from "./mcp_server.ts";
import { runCommand } from "./run_command.ts";
import { type Script, startScriptedServer } from "./scripted_server.ts";

/** What a check said, step by step. */
export interface Checked {
  readonly code: number;
  /** The lines of `--json`. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  readonly steps: readonly any[];
  /** The step that failed. */
  // deno-lint-ignore no-explicit-any
  readonly failure: any;
  readonly all: string;
}

/** Runs `check --json`, which says the same as the lines for people. */
export async function check(env: Record<string, string>): Promise<Checked> {
  const { code, stdout, stderr } = await runCommand(["check", "--json"], { env });
  assertEquals(stderr, "");
  const steps = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const sum = steps.at(-1);
  const failure = steps.find(({ outcome }) => outcome === "failed");
  assertEquals(sum.ok, code === 0);
  assertEquals(sum.failed, failure?.step);
  return { code, steps, failure, all: stdout };
}

/** The outcomes of the steps, in order. */
export function outcomes({ steps }: Checked): string[] {
  return steps.slice(0, -1).map(({ step, outcome }) => `${outcome}: ${step}`);
}

/** A server of the official SDK behind the certified authorization server. */
export async function withParts(
  test: (
    parts: { env: Record<string, string>; issuer: AuthorizationServer; server: RunningMcpServer },
  ) => Promise<void>,
  options: Omit<McpServerOptions, "authorizationServer"> = {},
): Promise<void> {
  await using issuer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer: issuer, ...options });
  const { clientId, clientSecret } = issuer.clients.client_secret_basic;
  const env = {
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
  };
  await test({ env, issuer, server });
}

/** Checks a scripted server. */
export async function checkScript(
  script: Script,
  env: Record<string, string> = {},
): Promise<Checked> {
  await using server = await startScriptedServer(script);
  return await check({ ...server.env, ...env });
}
