/** Follows redirects, but only to the same origin. */

import { unlessFault } from "../errors.ts";
import { boundedText } from "./http.ts";
import type { HttpClient, HttpResponse } from "../runtime/types.ts";
import { MAX_DOCUMENT, MAX_REDIRECTS } from "../limits.ts";

/** Statuses that repeat the same request at another URL (RFC 9110 section 15.4). */
const REPEATING = [301, 302, 307, 308];

/** A redirect that is not followed. */
export class RedirectElsewhere extends Error {
  /** @ignore */
  override readonly name = "RedirectElsewhere";
}

/**
 * An HTTP client that follows redirects within the origin of each request, so that no other server
 * receives what is in it. A 303 turns a request into a GET, so it is followed only for a GET.
 *
 * @param http sends the requests; each hop is a request of its own, with its own token and proof
 * @param refuse the error for a redirect that is not followed
 */
export function sameOriginRedirects(
  http: HttpClient,
  refuse: (status: number, target: URL) => Error,
): HttpClient {
  return async (first) => {
    for (let request = first, hops = 0;; hops++) {
      const response = await http(request);
      const { status } = response;
      const target = targetOf(response, request.url);
      if (!target) return response;
      await boundedText(response, MAX_DOCUMENT).catch(unlessFault(""));
      const repeats = REPEATING.includes(status) || (status === 303 && request.method === "GET");
      if (!repeats || hops === MAX_REDIRECTS || target.origin !== new URL(request.url).origin) {
        throw refuse(status, target);
      }
      request = { ...request, url: target.href };
    }
  };
}

function targetOf({ status, headers }: HttpResponse, url: string): URL | undefined {
  if (status !== 303 && !REPEATING.includes(status)) return undefined;
  const location = headers.get("location");
  return location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined;
}
