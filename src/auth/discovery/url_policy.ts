import { ExplainedError } from "../../errors.ts";
import { isLoopback } from "../../runtime/loopback.ts";

/** What the user allows beyond https and public addresses. */
export interface UrlPolicy {
  /** The MCP endpoint that the user has set. */
  readonly serverUrl?: URL;
  /** Cleartext http to other hosts than this one. */
  readonly allowHttp: boolean;
  /** Private addresses in the metadata of public servers. */
  readonly allowPrivateAddresses: boolean;
}

/**
 * Checks a URL from metadata before anything is sent there: https, or http to this machine; no user
 * name, no fragment; and no private address if a public server names it.
 *
 * Addresses are recognized by their text. A public name that resolves to a private address is not
 * recognized: DNS may answer differently when the connection is made, and Web standards have no way
 * to ask it.
 *
 * @param text the URL
 * @param what what the URL is, for the error
 * @param namedBy URL of the server that names it
 * @throws {ExplainedError} if the URL must not be used
 */
export function checkUrl(text: unknown, what: string, namedBy: URL, policy: UrlPolicy): URL {
  const refuse = (why: string, hint?: string) =>
    new ExplainedError({ problem: `${what} ${JSON.stringify(text)} ${why}`, hint });
  if (typeof text !== "string" || !URL.canParse(text)) throw refuse("is not a URL");
  const url = new URL(text);
  if (url.username || url.password) throw refuse("contains a user name");
  if (text.includes("#")) throw refuse("has a fragment");
  if (isPrivate(url) && !isPrivate(namedBy) && !policy.allowPrivateAddresses) {
    throw refuse(
      `is a private address, named by the public server ${namedBy.host}`,
      "If that is intended, set MCP_ALLOW_PRIVATE_ADDRESSES=true",
    );
  }
  if (!HOST.test(url.hostname)) {
    throw refuse("has a host name with characters that are not allowed there");
  }
  const cleartext = url.protocol === "http:" && (policy.allowHttp || isLoopback(url));
  if (url.protocol !== "https:" && !cleartext) {
    if (url.protocol !== "http:") throw refuse("is not https");
    throw refuse(...cleartextFrom(namedBy, policy.serverUrl ?? namedBy));
  }
  return url;
}

/**
 * What to do about cleartext http. Allowing it would send the secret unprotected although the servers
 * offer https, so it is not advised if one of them uses https.
 */
function cleartextFrom(namedBy: URL, serverUrl: URL): [why: string, hint: string] {
  const useHttps =
    "Tell its operator, or set MCP_AUTH_SERVER_URL to the https URL of the token endpoint";
  if (namedBy.protocol === "https:") {
    return [
      `is cleartext http, named by ${namedBy.host}, which itself uses https: that server is ` +
      "misconfigured, often behind a TLS terminator",
      useHttps,
    ];
  }
  return serverUrl.protocol === "https:"
    ? [`is cleartext http, named by ${namedBy.host}`, useHttps]
    : ["is cleartext http", "Set MCP_ALLOW_HTTP=true to allow it"];
}

/** Networks that are not part of the public internet (RFC 6890 and its registry). */
const PRIVATE_IPV4: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // also where clouds keep the credentials of their machines
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];

/**
 * For IPv6: unique local, link-local, site-local, multicast, local translation, Teredo (RFC 4380,
 * a tunnel to an address that the text hides); `::` and `::1`.
 */
const PRIVATE_IPV6 = /^(f[cd]|fe[89a-f]|ff|64:ff9b:1:|2001:(0:|:)|::1?$)/;
/** IPv4 inside IPv6: compatible and mapped (RFC 4291), translated (RFC 6052, 7915). */
const IPV4_IN_IPV6 = /^(?:::|::ffff:|::ffff:0:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** The IPv4 address of a 6to4 router (RFC 3056). A group of zeros may be left out. */
const IPV4_IN_6TO4 = /^2002:(?:([0-9a-f]{1,4}):([0-9a-f]{1,4})?|:)/;
/**
 * Names that public DNS does not have: RFC 6761, 6762, 8375, ICANN's `internal`, what RFC 6762 appendix G
 * lists for private networks, and the services of a Kubernetes cluster.
 */
const PRIVATE_NAME =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|svc|home\.arpa)$/;
/** The characters of a host name; URL accepts others, such as the comma. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])$/;

/** Whether the host of a URL is this machine or in a private network. */
export function isPrivate({ hostname }: URL): boolean {
  const host = hostname.replace(/\.$/, "");
  if (host.startsWith("[")) return isPrivateIPv6(host.slice(1, -1));
  // URL writes every form of an IPv4 address as dotted decimals.
  if (/^[\d.]+$/.test(host)) return isPrivateIPv4(host);
  return PRIVATE_NAME.test(host) || !host.includes(".");
}

function isPrivateIPv4(address: string): boolean {
  return PRIVATE_IPV4.some(([network, bits]) =>
    number(address) >>> (32 - bits) === number(network) >>> (32 - bits)
  );
}

function isPrivateIPv6(address: string): boolean {
  const inside = IPV4_IN_IPV6.exec(address) ?? IPV4_IN_6TO4.exec(address);
  if (!inside) return PRIVATE_IPV6.test(address);
  const [, high = "0", low = "0"] = inside;
  const bytes = [parseInt(high, 16), parseInt(low, 16)].flatMap((pair) => [pair >> 8, pair & 255]);
  return isPrivateIPv4(bytes.join("."));
}

function number(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
