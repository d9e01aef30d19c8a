import { isLoopback } from "../runtime/loopback.ts";
import type { HttpClient, HttpRequest } from "../runtime/types.ts";
import { MAX_COOKIE, MAX_COOKIES } from "../limits.ts";
import { dropOldest } from "../drop_oldest.ts";

/** A cookie of the server (RFC 6265 section 5.3). */
interface Cookie {
  readonly name: string;
  readonly value: string;
  /** It is sent to this path and everything under it. */
  readonly path: string;
  /** Whether it is only sent over TLS. */
  readonly secure: boolean;
  /** When it ends, in milliseconds; `Infinity` for the end of the process. */
  readonly expires: number;
}

/**
 * An HTTP client that keeps the cookies of one origin, in memory: load balancers send a client to
 * the machine that knows its session by them. No other origin gets or sets any.
 *
 * @param http sends the requests
 * @param url a URL of the origin
 * @param now the time in milliseconds
 */
export function withCookies(
  http: HttpClient,
  url: string,
  now: () => number = Date.now,
): HttpClient {
  const { origin } = new URL(url);
  const jar = new Map<string, Cookie>();

  function keep(cookie: Cookie): void {
    const key = `${cookie.path} ${cookie.name}`;
    jar.delete(key);
    if (cookie.expires <= now()) return;
    jar.set(key, cookie);
    dropOldest(jar, MAX_COOKIES);
  }

  /** The value of the `Cookie` header: the request's own, then what is kept for this URL. */
  function cookiesFor(target: URL, own: string | undefined): string {
    const kept = [...jar.values()].filter(({ path, secure, expires }) =>
      expires > now() && isUnder(target.pathname, path) &&
      (!secure || target.protocol === "https:" || isLoopback(target))
    );
    const pairs = kept.map(({ name, value }) => `${name}=${value}`);
    return (own ? [own, ...pairs] : pairs).join("; ");
  }

  function withKept(request: HttpRequest, target: URL): HttpRequest {
    const others = Object.entries(request.headers).filter(([name]) => !isCookie(name));
    const own = Object.entries(request.headers).find(([name]) => isCookie(name))?.[1];
    const cookie = cookiesFor(target, own);
    if (cookie === "") return request;
    return { ...request, headers: { ...Object.fromEntries(others), cookie } };
  }

  return async (request) => {
    const target = new URL(request.url);
    if (target.origin !== origin) return http(request);
    const response = await http(jar.size === 0 ? request : withKept(request, target));
    for (const line of response.headers.getSetCookie()) {
      const cookie = parseCookie(line, target.pathname, now());
      if (cookie) keep(cookie);
    }
    return response;
  };
}

/** Reads a `Set-Cookie` header (RFC 6265 section 5.2); `undefined` if it is not a cookie. */
function parseCookie(line: string, requestPath: string, now: number): Cookie | undefined {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  // No characters that could end the header or begin another one.
  if (equals < 1 || line.length > MAX_COOKIE || /[^\x20-\x7e]/.test(pair)) return undefined;
  const given = new Map(attributes.map((attribute) => {
    const [name, ...value] = attribute.split("=");
    return [name.trim().toLowerCase(), value.join("=").trim()] as const;
  }));
  const path = given.get("path") ?? "";
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    path: path.startsWith("/") ? path : folderOf(requestPath),
    secure: given.has("secure"),
    expires: expiry(given.get("max-age"), given.get("expires"), now),
  };
}

/** The path of a cookie without `Path` (RFC 6265 section 5.1.4). */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** `Max-Age` overrides `Expires`; a value that cannot be parsed is ignored. */
function expiry(maxAge: string | undefined, expires: string | undefined, now: number): number {
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000;
  const time = Date.parse(expires ?? "");
  return Number.isNaN(time) ? Infinity : time;
}

/** Path matching (RFC 6265 section 5.1.4). */
function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function isCookie(name: string): boolean {
  return name.toLowerCase() === "cookie";
}
