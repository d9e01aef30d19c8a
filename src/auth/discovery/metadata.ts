/** Fetches metadata documents. */

import { ExplainedError, rethrowFault } from "../../errors.ts";
import { BodyTooLarge, boundedText, retryAfter } from "../../http/http.ts";
import { RedirectElsewhere } from "../../http/redirects.ts";
import { objectIn } from "../../json/value.ts";
import { ConnectionError, type HttpClient } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import { TransientError } from "../tokens/retry.ts";
import { MAX_DOCUMENT, METADATA_TIMEOUT } from "../../limits.ts";

/** A metadata document. Its content is not trusted before it has been checked. */
export interface Metadata {
  /** Where it was read. */
  readonly url: URL;
  /** Its members. */
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * The metadata at the first of several URLs that has some. HTML pages, with which many servers answer
 * every request, are ignored.
 *
 * @param urls the most likely first
 * @param http sends without credentials
 * @param accept reads a document, or throws what is wrong with it
 * @returns `undefined` if no URL has metadata
 * @throws {TransientError} if a server did not answer
 * @throws what `accept` threw first, if no URL has a better document
 */
export async function firstMetadata<T>(
  urls: readonly URL[],
  http: HttpClient,
  accept: (metadata: Metadata) => T,
): Promise<T | undefined> {
  const problems: unknown[] = [];
  const silent = new Set<string>();
  for (const url of urls) {
    if (silent.has(url.origin)) continue;
    try {
      const members = await get(url, http);
      if (members) return accept({ url, members });
    } catch (error) {
      rethrowFault(error);
      problems.push(error);
      // A server that does not answer at one URL would not answer at the next one either.
      if (error instanceof NoAnswer) silent.add(url.origin);
    }
  }
  // A wrong document says more than a server that did not answer.
  const refused = problems.find((problem) => !(problem instanceof TransientError));
  if (problems.length > 0) throw refused ?? problems[0];
}

/** A server did not answer in time. */
class NoAnswer extends TransientError {}

async function get(url: URL, http: HttpClient): Promise<Metadata["members"] | undefined> {
  const signal = AbortSignal.timeout(METADATA_TIMEOUT);
  try {
    const response = await http({
      method: "GET",
      url: url.href,
      headers: { accept: "application/json", "user-agent": `mcp-oauth-proxy/${VERSION}` },
      signal,
      purpose: "metadata",
    });
    const text = await boundedText(response, MAX_DOCUMENT);
    const { status } = response;
    if (status === 200) return objectIn(text);
    if (status !== 429 && status < 500) return undefined;
    throw new TransientError(`${url} answered ${status}`, {
      status,
      retryAfter: retryAfter(response.headers.get("retry-after")),
    });
  } catch (error) {
    // Usually to a sign-in page.
    if (error instanceof RedirectElsewhere) return undefined;
    if (signal.aborted) {
      throw new NoAnswer(`${url} did not answer within ${METADATA_TIMEOUT / 1000}s`);
    }
    if (!(error instanceof ConnectionError)) throw error;
    const text = { problem: `${url} cannot be read: ${error.problem}`, hint: error.hint };
    const isFinal = error instanceof BodyTooLarge || error.isPermanent;
    throw isFinal ? new ExplainedError(text, error) : new TransientError(text, {}, error);
  }
}

/** The strings of a member that should be a list of strings; `undefined` if it is not a list. */
export function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}
