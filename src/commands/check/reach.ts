import { isLoopback } from "../../runtime/loopback.ts";
import { explanationOf, messageOf, rethrowFault } from "../../errors.ts";
import { readProxyVariables } from "../../runtime/proxy_variables.ts";
import type { HttpClient, HttpResponse, Runtime } from "../../runtime/types.ts";
import { probeWithoutToken } from "./probe_without_token.ts";
import type { Finding } from "./report.ts";

/** The result of the first request to a server. */
export interface Reached {
  /** Its answer; absent if there was none. */
  readonly response?: HttpResponse;
  /** What to report. */
  readonly finding: Finding;
}

/**
 * Finds out whether the MCP server can be reached, and how: the name, the proxy, TLS, HTTP.
 *
 * @param http how the proxy connects
 */
export async function reach(url: URL, http: HttpClient, runtime: Runtime): Promise<Reached> {
  const tried = `POST ${url} without a token`;
  let proxy;
  try {
    proxy = readProxyVariables(runtime.env, ["http:", "https:"])(url);
  } catch (error) {
    return { finding: { message: messageOf(error), tried } };
  }
  const addresses = proxy ? undefined : await addressesOf(url, runtime);
  if (addresses?.length === 0) {
    const next = [
      "Check the host name in MCP_SERVER_URL. If only your company's DNS knows it, connect to the VPN",
    ];
    return { finding: { message: `unknown host: ${url.hostname}`, tried: "DNS", next } };
  }
  const where = addresses ? ` (${addresses.join(", ")})` : "";
  const way = proxy ? ` through the proxy ${proxy.url.href} (${proxy.variable})` : "";
  const tls = url.protocol === "https:" ? "over TLS" : `in cleartext`;
  try {
    const response = await probeWithoutToken(url, http);
    return {
      response,
      finding: {
        message: `${url.host}${where} answers ${tls}${way}: ${response.status}`,
        values: { addresses, proxy: proxy?.url.href, status: response.status },
      },
    };
  } catch (error) {
    rethrowFault(error);
    const { problem, hint } = explanationOf(error);
    const message = `${url.host}${where} cannot be reached: ${problem}`;
    const next = [hint ?? nextStep(url, proxy?.variable)];
    return { finding: { message, tried, next, values: { addresses, proxy: proxy?.url.href } } };
  }
}

/** What to do about an error that does not say so itself. */
function nextStep(url: URL, proxyVariable?: string): string {
  return proxyVariable
    ? `Check ${proxyVariable}, or add ${url.hostname} to NO_PROXY to connect directly`
    : `Check that the server is running and that MCP_SERVER_URL is right: ${url}`;
}

/** Codes of getaddrinfo for a name that does not exist. */
const NO_SUCH_HOST = ["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA"];

/** The addresses of a host name; `undefined` if it is an address itself or cannot be looked up. */
async function addressesOf(url: URL, runtime: Runtime): Promise<string[] | undefined> {
  const host = url.hostname;
  if (isLoopback(url) || /^\[|^[\d.]+$/.test(host)) return undefined;
  const { addressesOf } = await runtime.host();
  // Deno may not be allowed to look up what it may connect to.
  return await addressesOf(host).catch(({ code }) => NO_SUCH_HOST.includes(code) ? [] : undefined);
}
