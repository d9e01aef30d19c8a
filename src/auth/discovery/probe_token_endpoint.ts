import { BodyTooLarge, boundedText } from "../../http/http.ts";
import { RedirectElsewhere } from "../../http/redirects.ts";
import { objectIn } from "../../json/value.ts";
import { ConnectionError, type HttpClient } from "../../runtime/types.ts";
import { TransientError } from "../tokens/retry.ts";
import { MAX_DOCUMENT, METADATA_TIMEOUT } from "../../limits.ts";

/** How a token endpoint answers a request that names no client (RFC 6749 section 5.2). */
const ERRORS = [
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "unauthorized_client",
  "unsupported_grant_type",
];

/**
 * Whether a URL answers like a token endpoint: with one of its errors, or a token for everybody. The
 * request names no client, so that nothing is disclosed if it is not one.
 *
 * @throws {TransientError} if there is no clear answer
 */
export async function isTokenEndpoint(url: string, http: HttpClient): Promise<boolean> {
  const signal = AbortSignal.timeout(METADATA_TIMEOUT);
  try {
    const response = await http({
      method: "POST",
      url,
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
      signal,
      purpose: "token",
    });
    const text = await boundedText(response, MAX_DOCUMENT);
    const { status } = response;
    if (status === 429 || status >= 500) {
      throw new TransientError(`${url} answered ${status}`, { status });
    }
    const { error, access_token } = objectIn(text) ?? {};
    return status < 400 ? typeof access_token === "string" : ERRORS.includes(String(error));
  } catch (error) {
    // A web page, or a redirect to one.
    if (error instanceof BodyTooLarge || error instanceof RedirectElsewhere) return false;
    if (!signal.aborted && !(error instanceof ConnectionError)) throw error;
    throw new TransientError(`${url} did not answer`, {}, error);
  }
}
