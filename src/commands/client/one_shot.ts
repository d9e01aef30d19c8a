import { escapedJson } from "../../log/escape.ts";
import { SETTINGS } from "../../settings/settings.ts";
import type { Invocation } from "../command.ts";
import { print } from "../print.ts";
import { indented } from "./indented.ts";
import { connectClient, type McpClient } from "./mcp_client.ts";
import { RpcError, type RpcEvents } from "./rpc.ts";
import { startWaiting } from "./waiting.ts";

/** The answer of a server, and what is printed of it. */
export interface Answer {
  /** The JSON that the server sent. */
  readonly json: string;
  /** What a terminal shows instead of indented JSON. */
  readonly text?: string;
  /** Whether the answer is an error. @default {false} */
  readonly failed?: boolean;
}

/**
 * Connects to the server, does one thing and prints the result: on a terminal as `text`, or as
 * indented JSON; elsewhere as the JSON that the server sent. A terminal shows the server's progress.
 *
 * @param ask does it; `showsProgress` says whether a terminal shows progress
 * @returns 0, or 1 if the answer is an error, which is printed instead
 */
export async function oneShot(
  { settings, origin, runtime }: Invocation,
  ask: (client: McpClient, showsProgress: boolean) => Promise<Answer>,
  events: RpcEvents = {},
): Promise<number> {
  // Only problems are logged, unless the user chose a level.
  const level = SETTINGS.find(({ key }) => key === "logLevel");
  const quiet = level && origin(level) ? {} : { logLevel: "warn" as const };
  const known = { ...await settings(), ...quiet };
  const { isTerminal } = await runtime.host();
  const waiting = await startWaiting(runtime);
  const { writeStderr, onNotification } = waiting;
  const show = (json: string, text?: string) => {
    waiting.stop();
    return print(runtime, `${isTerminal("stdout") ? text ?? indented(escapedJson(json)) : json}\n`);
  };
  try {
    const through = { ...runtime, writeStderr };
    const client = await connectClient(known, through, { onNotification, ...events });
    try {
      const { json, text, failed } = await ask(client, waiting.isShown);
      await show(json, text);
      return failed ? 1 : 0;
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    await show(error.text);
    return 1;
  } finally {
    waiting.stop();
  }
}
