import { startProxy } from "./proxy.ts";
import { call, initialize, notification } from "./scripted_proxy.ts";

/** Who an MCP server says its client is. */
export interface Identity {
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** What came of {@linkcode askWhoAmI}. */
export interface Answered {
  /** What the tool `whoami` said. */
  readonly identity?: Identity;
  /** The JSON-RPC error that came instead, to whichever request. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  readonly error?: any;
  /** What the proxy logged. */
  readonly log: string;
}

/**
 * Runs the proxy once, as a client that initializes, asks the tool `whoami` who it is, and goes.
 *
 * @param env variables of the proxy
 */
export async function askWhoAmI(env: Record<string, string>): Promise<Answered> {
  await using proxy = startProxy({ env });
  await proxy.send(initialize());
  const { message: { error: refused } } = await proxy.response("initialize");
  if (refused) return { error: refused, log: proxy.stderr };
  await proxy.send(notification("notifications/initialized"));
  await proxy.send(call("whoami", "whoami"));
  const { message: { result, error } } = await proxy.response("whoami");
  await proxy.closeStdin();
  await proxy.status;
  return { identity: result && JSON.parse(result.content[0].text), error, log: proxy.stderr };
}
