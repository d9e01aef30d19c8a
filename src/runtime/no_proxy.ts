/** What one entry of `NO_PROXY` says. */
type Rule = (host: string, port: string) => boolean;

/** Ports of URLs that name none. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * Reads `NO_PROXY`: the hosts to reach directly, separated by commas or spaces. An entry is `*`, a
 * domain, which stands for its subdomains too, with or without `.` or `*.` in front, an IP address,
 * or a block of them (`10.0.0.0/8`); all but a block may end in `:port`.
 *
 * @param list the value of the variable
 * @returns whether a URL is to be reached directly
 */
export function parseNoProxy(list: string): (target: URL) => boolean {
  const rules = list.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== "").map(ruleOf);
  return ({ hostname, port, protocol }) => {
    const host = hostname.replace(/^\[|\]$|\.$/g, "");
    return rules.some((rule) => rule(host, port || DEFAULT_PORTS[protocol]));
  };
}

function ruleOf(entry: string): Rule {
  if (entry === "*") return () => true;
  const block = blockOf(entry);
  if (block !== undefined) return (host) => bitsOf(host)?.startsWith(block) ?? false;
  // A colon is the port's, except in an IPv6 address, which is in brackets if it has a port.
  const [, name, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [undefined, entry];
  const onPort: Rule = port === undefined ? () => true : (_host, other) => other === port;
  const address = bitsOf(name.replace(/^\[|\]$/g, ""));
  if (address !== undefined) {
    return (host, other) => bitsOf(host) === address && onPort(host, other);
  }
  const domain = name.replace(/^\*?\./, "").replace(/\.$/, "");
  return (host, other) => (host === domain || host.endsWith(`.${domain}`)) && onPort(host, other);
}

/** The bits that all addresses of a block begin with (RFC 4632 section 3.1). */
function blockOf(entry: string): string | undefined {
  const [, address, length] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  // The family's mark is in front, so that no IPv4 block holds an IPv6 address.
  return address === undefined ? undefined : bitsOf(address)?.slice(0, 2 + Number(length));
}

/** An IP address as a string of bits after `4:` or `6:`; `undefined` for anything else. */
function bitsOf(host: string): string | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return `4:${joinBits(host.split("."), 10, 8)}`;
  if (!host.includes(":") || !URL.canParse(`http://[${host}]`)) return undefined;
  // The URL parser writes an address in one way only.
  const [left, right] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::")
    .map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = Array(8 - left.length - (right?.length ?? 0)).fill("0");
  return `6:${joinBits([...left, ...zeros, ...right ?? []], 16, 16)}`;
}

function joinBits(groups: readonly string[], radix: number, width: number): string {
  return groups.map((group) => parseInt(group, radix).toString(2).padStart(width, "0")).join("");
}
