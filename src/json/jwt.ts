import { fromBase64 } from "./base64.ts";
import { isObject, type JsonObject } from "./value.ts";

/**
 * The claims of a JSON Web Token (RFC 7519 section 3), not verified.
 *
 * @returns `undefined` if the text is not one
 */
export function claimsOf(token: string): JsonObject | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(fromBase64(parts[1])));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
