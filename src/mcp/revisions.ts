/**
 * The revisions of MCP. A revision up to 2025-11-25 is "legacy": `initialize` begins a session.
 * Since 2026-07-28, which is "modern", every request stands alone and carries its own metadata.
 */

/** The two ways in which a client and a server can speak MCP. */
export type Era = "legacy" | "modern";

/** The newest legacy revision. */
export const LEGACY = "2025-11-25";
/** The newest modern revision. */
export const MODERN = "2026-07-28";

/** Every legacy revision, oldest first. */
export const LEGACY_REVISIONS: readonly string[] = [
  "2024-11-05",
  "2025-03-26",
  "2025-06-18",
  LEGACY,
];

/** The first revision with the `MCP-Protocol-Version` header. */
export const VERSION_HEADER_SINCE = "2025-06-18";
