import { ExplainedError } from "../../errors.ts";
import { BodyTooLarge, boundedText, retryAfter } from "../../http/http.ts";
import { RedirectElsewhere } from "../../http/redirects.ts";
import { ConnectionError, type HttpClient } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import { TransientError } from "../tokens/retry.ts";

/** A metadata document. Nothing in it is to be believed before it has been checked. */
export interface Metadata {
  /** Where it was. */
  readonly url: URL;
  /** Its members. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Milliseconds that one document may take; several places may have to be asked. */
const TIMEOUT = 10_000;
/** Bytes; the metadata of large providers is a few kilobytes. */
const MAX_METADATA = 1 << 20;

/**
 * The first of some places that has metadata. A page for people, as many servers answer whatever
 * they are asked for, is none.
 *
 * @param places URLs, the likeliest first
 * @param http sends without credentials
 * @param accept says whether a document is the one looked for, or throws what is wrong with it
 * @returns `undefined` if each place says that there is nothing
 * @throws {TransientError} if a place did not answer
 * @throws what `accept` threw first, if no URL has a better document
 */
export async function firstMetadata<T>(
  places: readonly URL[],
  http: HttpClient,
  accept: (metadata: Metadata) => T,
): Promise<T | undefined> {
  const problems: unknown[] = [];
  const silent = new Set<string>();
  for (const url of places) {
    if (silent.has(url.origin)) continue;
    try {
      const members = await get(url, http);
      if (members) return accept({ url, members });
    } catch (error) {
      problems.push(error);
      // Who does not answer at one place would let us wait at the next one too.
      if (error instanceof NoAnswer) silent.add(url.origin);
    }
  }
  // A document that is wrong says more than a place that could not answer.
  const refused = problems.find((problem) => !(problem instanceof TransientError));
  if (problems.length > 0) throw refused ?? problems[0];
}

/** A server that let us wait in vain. */
class NoAnswer extends TransientError {}

async function get(url: URL, http: HttpClient): Promise<Metadata["members"] | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    const response = await http({
      method: "GET",
      url: url.href,
      headers: { accept: "application/json", "user-agent": `mcp-oauth-proxy/${VERSION}` },
      signal,
      purpose: "metadata",
    });
    const text = await boundedText(response, MAX_METADATA);
    const { status } = response;
    if (status === 200) return jsonObject(text);
    if (status !== 429 && status < 500) return undefined;
    const pause = retryAfter(response.headers.get("retry-after"));
    throw new TransientError(`${url} answered ${status}`, pause, status);
  } catch (error) {
    // Most often to a page where people sign in.
    if (error instanceof RedirectElsewhere) return undefined;
    if (signal.aborted) throw new NoAnswer(`${url} did not answer within ${TIMEOUT / 1000}s`);
    if (!(error instanceof ConnectionError)) throw error;
    const text = { problem: `${url} cannot be read: ${error.problem}`, hint: error.hint };
    const isFinal = error instanceof BodyTooLarge || error.isPermanent;
    throw isFinal ? new ExplainedError(text) : new TransientError(text);
  }
}

function jsonObject(text: string): Metadata["members"] | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The strings of a member that should be a list of strings; `undefined` if it is not a list. */
export function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}
