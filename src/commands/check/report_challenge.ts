import type { Challenge } from "../../auth/discovery/challenge.ts";
import { METHOD_NOT_FOUND } from "../../json/jsonrpc.ts";
import { serverWords } from "../../log/server_words.ts";
import { isModernCode } from "../../mcp/error_codes.ts";
import type { Finding, Outcome } from "./report.ts";

/**
 * What a server answered to a request without a token: whether it asks for one.
 *
 * @param body the body of the answer
 */
export function challengeFinding(
  challenge: Challenge,
  body: string,
): { outcome: Outcome; finding: Finding } {
  const { status, forTokens, resourceMetadata, scope } = challenge;
  const values = { status, resourceMetadata, scope };
  const found = (outcome: Outcome, message: string) => ({ outcome, finding: { message, values } });
  if (status === 401) {
    if (!forTokens) return found("warning", "401 without a Bearer challenge in WWW-Authenticate");
    const parts = [
      scope && `scope "${scope}"`,
      resourceMetadata && `resource metadata at ${resourceMetadata}`,
    ].filter(Boolean);
    return found("ok", `401, ${parts.join(", ") || "without a metadata URL"}`);
  }
  const code = errorCodeIn(body);
  // A server of the other era refuses `initialize`, and needs no token for that.
  const isOtherEra = code === METHOD_NOT_FOUND || isModernCode(code);
  const isOpen = status >= 200 && status < 300 && code === undefined;
  if (isOpen || isOtherEra) {
    return found("ok", `none: the server does not require a token (${status})`);
  }
  const words = serverWords(body);
  return found(
    "warning",
    `none: the server answers a request without a token with ${status}` +
      (status < 300 ? " and an error" : "") + " instead of 401" +
      (words === undefined ? "" : `. The server says: ${words}`),
  );
}

/** The code of a JSON-RPC error. */
function errorCodeIn(body: string): unknown {
  try {
    return JSON.parse(body)?.error?.code;
  } catch {
    return undefined;
  }
}
