import type { CustomFetchOptions } from "oauth4webapi";
import { boundedText } from "../http.ts";
import { ConnectionError, type HttpClient } from "../runtime/types.ts";
import { TransientError } from "./retry.ts";

/** Milliseconds that one token request may take. */
const TIMEOUT = 30_000;
/** Bytes; a token response is a few kilobytes at the most. */
const MAX_RESPONSE = 1 << 20;

/**
 * `fetch` for oauth4webapi's token requests: bounded in time and size, and silent about challenges.
 *
 * @throws {TransientError} where the network failed
 */
export async function fetchToken(
  http: HttpClient,
  url: string,
  init: CustomFetchOptions<string, URLSearchParams>,
): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT);
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
    const bodiless = response.status === 204 || response.status === 304;
    return new Response(bodiless ? null : withoutIdToken(text), {
      status: response.status,
      headers,
    });
  } catch (error) {
    if (signal.aborted) throw new TransientError(`no answer within ${TIMEOUT / 1000}s`);
    if (error instanceof ConnectionError) throw new TransientError(error.message);
    throw error;
  }
}

/** Some servers add an ID token, which says who a user is: there is none, so it is not checked. */
function withoutIdToken(text: string): string {
  if (!text.includes('"id_token"')) return text;
  try {
    return JSON.stringify({ ...JSON.parse(text), id_token: undefined });
  } catch {
    return text;
  }
}
