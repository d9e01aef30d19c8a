import { boundedText, mediaType } from "../../http/http.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../runtime/types.ts";

/** What passed over HTTP, as far as a check wants to know it. */
export interface Exchange {
  /** What it was for. */
  readonly kind: "token" | "metadata" | "mcp";
  /** What was asked: `POST https://…`. */
  readonly request: string;
  /** Whether it had credentials: a token, or the client's own. */
  readonly authorized: boolean;
  /** HTTP status; absent if there was no response. */
  readonly status?: number;
  /** Media type of the response. */
  readonly type?: string;
  /** `WWW-Authenticate` of the response. */
  readonly challenge?: string;
  /** The body, of other kinds than `mcp`. That of a token response is a secret. */
  readonly body?: string;
}

/** Bytes of a body; the proxy reads no more of them either. */
const MAX_BODY = 1 << 20;

/** An HTTP client that tells what passes. */
export function observedHttp(http: HttpClient, tell: (exchange: Exchange) => void): HttpClient {
  return async (request) => {
    const asked = {
      kind: kindOf(request),
      request: `${request.method} ${request.url}`,
      authorized: headerOf(request, "authorization") !== undefined,
    };
    try {
      const response = await http(request);
      const { status, headers } = response;
      const answered = {
        ...asked,
        status,
        type: mediaType(response),
        challenge: headers.get("www-authenticate") ?? undefined,
      };
      if (asked.kind === "mcp") {
        tell(answered);
        return response;
      }
      const body = await boundedText(response, MAX_BODY);
      tell({ ...answered, body });
      return withBody(response, body);
    } catch (error) {
      tell(asked);
      throw error;
    }
  };
}

function kindOf(request: HttpRequest): Exchange["kind"] {
  const type = headerOf(request, "content-type");
  if (type?.startsWith("application/x-www-form-urlencoded")) return "token";
  const isMetadata = request.method === "GET" &&
    headerOf(request, "accept") === "application/json";
  return isMetadata ? "metadata" : "mcp";
}

function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  return Object.entries(headers).find(([known]) => known.toLowerCase() === name)?.[1];
}

/** The response, with its body as it has been read. */
function withBody({ status, headers }: HttpResponse, text: string): HttpResponse {
  const body = (async function* () {
    yield new TextEncoder().encode(text);
  })();
  return { status, headers, body, text: () => Promise.resolve(text) };
}
