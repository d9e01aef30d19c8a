/** Error codes that only a server of 2026-07-28 or later sends ("Error Codes"). */
export const HEADER_MISMATCH = -32020;
/** The request needs a capability that the client did not declare. */
export const MISSING_CAPABILITY = -32021;
/** The server does not speak the revision of the request. */
export const UNSUPPORTED_VERSION = -32022;

/** The range that 2026-07-28 reserves for errors of MCP itself. */
const MODERN_RANGE = { from: -32099, to: -32020 };

/** Whether only a modern server answers with this code. */
export function isModernCode(code: unknown): boolean {
  return typeof code === "number" && code >= MODERN_RANGE.from && code <= MODERN_RANGE.to;
}
