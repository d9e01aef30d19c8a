import { assertEquals } from "@std/assert";
import { parseNoProxy } from "../../../src/runtime/no_proxy.ts";

/** NO_PROXY, URLs that it lets pass by the proxy, URLs that it does not. */
const CASES: readonly (readonly [list: string, direct: string[], proxied: string[]])[] = [
  ["", [], ["http://example.com/", "http://10.0.0.1/"]],
  [" , ,", [], ["http://example.com/"]],
  ["*", ["http://example.com/", "https://[fd00::1]/"], []],
  [
    "example.com",
    ["http://example.com/", "https://mcp.example.com:8443/", "http://EXAMPLE.com./"],
    ["http://notexample.com/", "http://example.com.org/", "http://com/"],
  ],
  [".example.com", ["http://example.com/", "http://a.b.example.com/"], ["http://aexample.com/"]],
  ["*.Example.com", ["http://a.example.com/"], ["http://example.org/"]],
  ["example.com.", ["http://example.com/"], []],
  ["a.test, b.test c.test", ["http://b.test/", "http://c.test/"], ["http://d.test/"]],
  [
    "example.com:8080",
    ["http://example.com:8080/", "http://a.example.com:8080/"],
    ["http://example.com/", "https://example.com/"],
  ],
  ["example.com:443", ["https://example.com/"], ["http://example.com/"]],
  ["10.1.2.3", ["http://10.1.2.3/"], ["http://10.1.2.30/", "http://110.1.2.3/"]],
  ["10.1.2.3:80", ["http://10.1.2.3/"], ["https://10.1.2.3/"]],
  ["10.0.0.0/8", ["http://10.255.0.1/"], ["http://11.0.0.1/", "http://[a00::1]/"]],
  ["172.16.0.0/12", ["http://172.31.255.255/"], ["http://172.32.0.0/"]],
  ["192.168.7.0/31", ["http://192.168.7.1/"], ["http://192.168.7.2/"]],
  ["0.0.0.0/0", ["http://8.8.8.8/"], ["http://[2001:db8::1]/", "http://example.com/"]],
  ["2001:DB8::1", ["http://[2001:db8:0:0::1]/"], ["http://[2001:db8::2]/"]],
  ["[2001:db8::1]", ["http://[2001:db8::1]:81/"], []],
  ["[2001:db8::1]:81", ["http://[2001:db8::1]:81/"], ["http://[2001:db8::1]/"]],
  ["fd00::/8", ["http://[fdab::1]/"], ["http://[fe80::1]/", "http://253.0.0.1/"]],
  ["/8", [], ["http://example.com/"]],
];

for (const [list, direct, proxied] of CASES) {
  Deno.test(`NO_PROXY=${JSON.stringify(list)} lets pass what it names and nothing else`, () => {
    const isDirect = parseNoProxy(list);
    const all = [...direct, ...proxied];
    assertEquals(all.filter((url) => isDirect(new URL(url))), direct);
  });
}
