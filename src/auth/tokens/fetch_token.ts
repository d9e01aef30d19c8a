import type { CustomFetchOptions } from "oauth4webapi";
import { BodyTooLarge, boundedText } from "../../http/http.ts";
import { ConnectionError, type HttpClient } from "../../runtime/types.ts";
import { TransientError } from "./retry.ts";

/** Milliseconds that one token request may take, if there is time for another one. */
const TIMEOUT = 15_000;
/** Bytes; a token response is a few kilobytes at the most. */
const MAX_RESPONSE = 1 << 20;

/**
 * `fetch` for oauth4webapi's token requests: bounded in time and size, and silent about challenges.
 *
 * @param left milliseconds that are left for the token
 * @param onUntyped told of a token of no type, which then counts as a bearer token, as in version 1
 * @throws {TransientError} if the network failed
 */
export async function fetchToken(
  http: HttpClient,
  url: string,
  init: CustomFetchOptions<string, URLSearchParams>,
  left = TIMEOUT,
  onUntyped?: () => void,
): Promise<Response> {
  const timeout = Math.min(left, TIMEOUT);
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await http({
      method: init.method,
      url,
      headers: init.headers,
      body: init.body.toString(),
      signal,
    });
    const text = await boundedText(response, MAX_RESPONSE);
    // The challenge is left out, or oauth4webapi would report it instead of the error in the body.
    const headers = new Headers();
    for (const name of ["content-type", "retry-after", "dpop-nonce"]) {
      const value = response.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    const bodiless = [204, 205, 304].includes(response.status);
    return new Response(bodiless ? null : relevantPart(text, onUntyped), {
      status: response.status,
      headers,
    });
  } catch (error) {
    if (signal.aborted) throw new TransientError(`no answer within ${Math.ceil(timeout / 1000)}s`);
    const mayPass = error instanceof ConnectionError && !error.isPermanent;
    if (!mayPass || error instanceof BodyTooLarge) throw error;
    throw new TransientError(error.message);
  }
}

/** What is looked at in an answer (RFC 6749 section 5, RFC 8693 section 2.2.1). */
const MEMBERS = [
  "access_token",
  "token_type",
  "expires_in",
  "issued_token_type",
  "error",
  "error_description",
];

/**
 * The answer without what oauth4webapi would check for nothing: some servers add an ID token, of a
 * user that there is not, or `null` for what they leave out.
 */
function relevantPart(text: string, onUntyped?: () => void): string {
  let answer;
  try {
    const members = Object.entries(JSON.parse(text))
      .filter(([name, value]) => MEMBERS.includes(name) && value !== null);
    answer = Object.fromEntries(members);
  } catch {
    return text;
  }
  if (onUntyped && answer.access_token !== undefined && answer.token_type === undefined) {
    answer.token_type = "Bearer";
    onUntyped();
  }
  return JSON.stringify(answer);
}
