import { isLoopback } from "./loopback.ts";
import { parseNoProxy } from "./no_proxy.ts";
import { ConnectionError } from "./types.ts";

/** An HTTP proxy that the environment names. */
export interface HttpProxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Its URL, without what follows the port and without credentials. */
  readonly url: URL;
  /** User name and password, decoded, where its URL has them. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** Where proxies are looked for, by the target's scheme. Lower case comes first, as with curl. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "http:": ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
  "https:": ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
};
/** Hosts that are reached without a proxy. */
export const NO_PROXY_VARIABLES = ["no_proxy", "NO_PROXY"] as const;

/** Every variable that is read here. */
export const PROXY_VARIABLES: readonly string[] = [
  ...new Set([...VARIABLES["http:"], ...VARIABLES["https:"], ...NO_PROXY_VARIABLES]),
];

/**
 * Finds the proxy for a URL. This machine itself is always reached directly: what may travel in
 * cleartext here must not do so to a proxy (and a proxy's own loopback is not what is meant).
 *
 * @param env one environment variable; empty ones count as not set
 * @param schemes kinds of proxies that can be used, such as `http:`
 * @throws {ConnectionError} from the returned function, if the variable is not a proxy URL
 */
export function readProxyVariables(
  env: (name: string) => string | undefined,
  schemes: readonly string[],
): (target: URL) => HttpProxy | undefined {
  const isSet = (name: string) => !!env(name);
  const isDirect = parseNoProxy(
    NO_PROXY_VARIABLES.map(env).find(Boolean) ?? "",
  );
  const [http, https] = ["http:", "https:"].map((scheme) => VARIABLES[scheme].find(isSet));
  return (target) => {
    const variable = target.protocol === "https:" ? https : http;
    if (variable === undefined || isLoopback(target) || isDirect(target)) return undefined;
    return parseProxy(variable, env(variable) ?? "", schemes);
  };
}

function parseProxy(variable: string, text: string, schemes: readonly string[]): HttpProxy {
  if (/\$\{/.test(text)) {
    const why = "still contains ${…}, which the program that started this one did not replace";
    const hint = `Set ${variable} to the proxy's URL`;
    throw new ConnectionError({ problem: `${variable} ${why}`, hint }, false, true);
  }
  const address = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(address)) {
    throw new ConnectionError(`${variable} is not a valid proxy URL`, false, true);
  }
  const { protocol, host, username, password } = new URL(address);
  if (!schemes.includes(protocol)) {
    const known = schemes.map((scheme) => `${scheme}//`).join(", ");
    throw new ConnectionError(
      `${variable}: a proxy at ${protocol}// cannot be used, only ${known}`,
      false,
      true,
    );
  }
  const url = new URL(`${protocol}//${host}`);
  if (username === "") return { variable, url };
  const credentials = { username: decoded(username), password: decoded(password) };
  return { variable, url, credentials };
}

/** Without percent-encoding; a password with a `%` of its own stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
