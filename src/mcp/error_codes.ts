/** Error codes that only a server of 2026-07-28 or later sends ("Error Codes"). */

/** The headers of the request do not match its body. */
export const HEADER_MISMATCH = -32020;
/** The request needs a capability that the client did not declare. */
export const MISSING_CAPABILITY = -32021;
/** The server does not speak the revision of the request. */
export const UNSUPPORTED_VERSION = -32022;

const MODERN_CODES: ReadonlySet<unknown> = new Set([
  HEADER_MISMATCH,
  MISSING_CAPABILITY,
  UNSUPPORTED_VERSION,
]);

/** Whether only a modern server answers with this code. */
export function isModernCode(code: unknown): boolean {
  return MODERN_CODES.has(code);
}
