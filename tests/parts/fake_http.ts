import { stringOf } from "../../src/json/text.ts";
import type { HttpClient, HttpRequest } from "../../src/runtime/types.ts";

/** An HTTP client without a network, and what it was asked for. */
export interface FakeHttp {
  readonly http: HttpClient;
  /** Every request, `GET https://…` and so on. */
  readonly asked: string[];
  /** The bodies of the requests that had one. */
  readonly bodies: string[];
}

/** An HTTP client that knows these pages; anywhere else is 404. */
export function fakeHttp(
  pages: Readonly<Record<string, (request: HttpRequest) => Response>>,
): FakeHttp {
  const asked: string[] = [];
  const bodies: string[] = [];
  return {
    asked,
    bodies,
    http: (request) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.body !== undefined) bodies.push(stringOf(request.body));
      const page = pages[request.url];
      return Promise.resolve(page ? page(request) : new Response("no such page", { status: 404 }));
    },
  };
}

/** A log that keeps its lines. */
export function keptLog() {
  const lines: string[] = [];
  const at = (level: string) => (_scope: string, message: string) => {
    lines.push(`${level}: ${message}`);
  };
  return { lines, error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}
