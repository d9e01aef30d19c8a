import { escapedJson } from "../../log/escape.ts";
import { SETTINGS } from "../../settings/settings.ts";
import type { Invocation } from "../command.ts";
import { print } from "../print.ts";
import { indented } from "./indented.ts";
import { connectClient, type McpClient } from "./mcp_client.ts";
import { RpcError } from "./rpc.ts";

/**
 * Does one thing with the server and prints the result: on a terminal as `text`, or as indented JSON;
 * elsewhere as the JSON that the server sent.
 *
 * @param ask does it
 * @returns 0, or 1 if the answer is an error, which is printed instead
 */
export async function oneShot(
  { settings, origin, runtime }: Invocation,
  ask: (client: McpClient) => Promise<{ json: string; text?: string; failed?: boolean }>,
): Promise<number> {
  // Without a level of their own, users only want to see problems.
  const level = SETTINGS.find(({ key }) => key === "logLevel")!;
  const quiet = origin(level) ? {} : { logLevel: "warn" as const };
  const { isTerminal } = await runtime.host();
  const show = (json: string, text?: string) =>
    print(runtime, `${isTerminal("stdout") ? text ?? indented(escapedJson(json)) : json}\n`);
  try {
    const client = await connectClient({ ...await settings(), ...quiet }, runtime);
    try {
      const { json, text, failed } = await ask(client);
      await show(json, text);
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
