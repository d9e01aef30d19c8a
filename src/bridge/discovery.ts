/** The results of `server/discover` and `initialize`, each made from the other. */

import { errorOf, type Message, paramOf, resultOf } from "../json/jsonrpc.ts";
import { asObject, type JsonObject } from "../json/value.ts";
import { META } from "../mcp/request_metadata.ts";
import { LEGACY, LEGACY_REVISIONS, MODERN } from "../mcp/revisions.ts";
import { firstResponse } from "../upstream/session.ts";
import type { Reply } from "../upstream/upstream.ts";
import { bridgeable } from "./capabilities.ts";
import type { LegacySession } from "./legacy_session.ts";
import { objectOf } from "./written.ts";

/**
 * Asks a server for its `server/discover` result.
 *
 * @param send sends the request
 * @returns nothing if the server does not speak 2026-07-28
 */
export async function discover(send: () => Promise<Reply>): Promise<JsonObject | undefined> {
  let answer = await firstResponse((await send()).messages);
  // It refused the version, and names it as one that it supports.
  if (answer && includesModern(errorOf(answer, "data", "supported"))) {
    answer = await firstResponse((await send()).messages);
  }
  const result = asObject(answer && resultOf(answer));
  // Some servers call everything a success.
  return includesModern(result.supportedVersions) ? result : undefined;
}

function includesModern(versions: unknown): boolean {
  return Array.isArray(versions) && versions.includes(MODERN);
}

/** The result of a legacy client's `initialize`, as JSON text. */
export function initializeResult(discovered: JsonObject, initialize: Message): string {
  const asked = paramOf(initialize, "protocolVersion");
  return JSON.stringify({
    protocolVersion: LEGACY_REVISIONS.find((revision) => revision === asked) ?? LEGACY,
    capabilities: bridgeable(discovered.capabilities),
    serverInfo: asObject(discovered._meta)[META.serverInfo] ?? { name: "unknown", version: "" },
    instructions: discovered.instructions,
  });
}

/** The result of a modern client's `server/discover`, as JSON text. */
export function discoverResult({ server, serverInfo }: LegacySession): string {
  const { capabilities, instructions } = server;
  return objectOf({
    resultType: '"complete"',
    supportedVersions: JSON.stringify([MODERN]),
    capabilities: JSON.stringify(bridgeable(capabilities)),
    ...(instructions === undefined ? {} : { instructions: JSON.stringify(instructions) }),
    ttlMs: "0",
    cacheScope: '"private"',
    _meta: objectOf({ [META.serverInfo]: serverInfo }),
  });
}
