import { SETTINGS } from "../../settings/settings.ts";
import type { Invocation } from "../command.ts";
import { print } from "../print.ts";
import { indented } from "./indented.ts";
import { connectClient, type McpClient } from "./mcp_client.ts";
import { RpcError } from "./rpc.ts";

/**
 * Does one thing with the server and prints what comes of it as JSON: indented for people on a
 * terminal, elsewhere as the server wrote it.
 *
 * @param ask does it, and says whether it was done
 * @returns 0; 1 where the answer is an error, which is printed instead
 */
export async function oneShot(
  { settings, origin, runtime }: Invocation,
  ask: (client: McpClient) => Promise<{ json: string; failed?: boolean }>,
): Promise<number> {
  // The log is for the bad day here; who wants more says so.
  const level = SETTINGS.find(({ key }) => key === "logLevel")!;
  const quiet = origin(level) ? {} : { logLevel: "warn" as const };
  const { isTerminal } = await runtime.workstation();
  const show = (json: string) =>
    print(runtime, `${isTerminal("stdout") ? indented(json) : json}\n`);
  try {
    const client = await connectClient({ ...await settings(), ...quiet }, runtime);
    try {
      const { json, failed } = await ask(client);
      await show(json);
      return failed ? 1 : 0;
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    await show(error.text);
    return 1;
  }
}
