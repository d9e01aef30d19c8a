/** Capabilities of a client or a server that the bridge offers to the other era. */

import { asObject } from "../json/value.ts";
import { METHOD } from "../mcp/methods.ts";

/** Capabilities of a client or a server, as JSON. */
export type Capabilities = Readonly<Record<string, unknown>>;

/** The extension that tasks became in 2026-07-28. */
const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** The capabilities that can be bridged: tasks cannot, because the eras keep them in different ways. */
export function bridgeable(capabilities: unknown): Capabilities {
  const { tasks: _tasks, extensions, ...rest } = asObject(capabilities);
  if (extensions === undefined) return rest;
  const { [TASKS_EXTENSION]: _, ...others } = asObject(extensions);
  return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest;
}

/**
 * Whether a client with these capabilities answers such a request of the server.
 *
 * @param params of the request
 */
export function answers(client: Capabilities, method: unknown, params: unknown): boolean {
  if (method === METHOD.sample) return client.sampling !== undefined;
  if (method === METHOD.listRoots) return client.roots !== undefined;
  if (method !== METHOD.elicit || client.elicitation === undefined) return false;
  const { form, url } = asObject(client.elicitation);
  // Before 2025-11-25 there were only forms, and nothing to declare about them.
  return asObject(params).mode === "url" ? url !== undefined : form !== undefined || !url;
}
