import { mediaType } from "../../http/http.ts";
import type { HttpClient, HttpRequest } from "../../runtime/types.ts";

/** One HTTP request and its response. */
export interface Exchange {
  readonly purpose: NonNullable<HttpRequest["purpose"]>;
  /** Method and URL. */
  readonly request: string;
  /** HTTP status; absent if there was no response. */
  readonly status?: number;
  /** Media type of the response. */
  readonly type?: string;
}

/** An HTTP client that reports its exchanges. */
export function observedHttp(http: HttpClient, report: (exchange: Exchange) => void): HttpClient {
  return async (request) => {
    const { purpose = "message", method, url } = request;
    const sent = { purpose, request: `${method} ${url}` };
    try {
      const response = await http(request);
      report({ ...sent, status: response.status, type: mediaType(response) });
      return response;
    } catch (error) {
      report(sent);
      throw error;
    }
  };
}
