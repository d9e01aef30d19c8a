import { oneShot } from "../client/one_shot.ts";
import { listTools } from "../client/tools.ts";
import type { Invocation } from "../command.ts";

/** `tools`: prints the tools of the server, of all pages, as a JSON array. */
export async function run(invocation: Invocation): Promise<number> {
  return await oneShot(invocation, async (client) => ({ json: await listTools(client) }));
}
