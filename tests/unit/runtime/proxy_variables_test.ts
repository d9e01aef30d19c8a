import { assertEquals, assertThrows } from "@std/assert";
import { readProxyVariables } from "../../../src/runtime/proxy_variables.ts";
import { ConnectionError } from "../../../src/runtime/types.ts";

const SCHEMES = ["http:", "https:"];

function proxyFor(url: string, env: Record<string, string>) {
  return readProxyVariables((name) => env[name], SCHEMES)(new URL(url));
}

/** The variable that decides for a URL. */
function variableFor(url: string, ...set: string[]): string | undefined {
  return proxyFor(url, Object.fromEntries(set.map((name) => [name, "http://proxy:3128"])))
    ?.variable;
}

Deno.test("without variables, everything is reached directly", () => {
  assertEquals(proxyFor("https://example.com/", {}), undefined);
});

Deno.test("the scheme of the target decides which variable counts", () => {
  assertEquals(variableFor("http://example.com/", "HTTP_PROXY", "HTTPS_PROXY"), "HTTP_PROXY");
  assertEquals(variableFor("https://example.com/", "HTTP_PROXY", "HTTPS_PROXY"), "HTTPS_PROXY");
  assertEquals(variableFor("https://example.com/", "HTTP_PROXY"), undefined);
});

Deno.test("lower case comes before upper case, ALL_PROXY last", () => {
  assertEquals(variableFor("https://a.test/", "HTTPS_PROXY", "https_proxy"), "https_proxy");
  assertEquals(variableFor("https://a.test/", "ALL_PROXY", "HTTPS_PROXY"), "HTTPS_PROXY");
  assertEquals(variableFor("http://a.test/", "ALL_PROXY"), "ALL_PROXY");
});

Deno.test("an empty variable counts as not set", () => {
  const env = { https_proxy: "", HTTPS_PROXY: "http://proxy:1", no_proxy: "", NO_PROXY: "a.test" };
  assertEquals(proxyFor("https://b.test/", env)?.variable, "HTTPS_PROXY");
  assertEquals(proxyFor("https://a.test/", env), undefined);
});

Deno.test("this machine is never reached through a proxy, where cleartext is allowed", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "a.localhost"]) {
    assertEquals(variableFor(`http://${host}:3000/mcp`, "HTTP_PROXY", "ALL_PROXY"), undefined);
  }
});

Deno.test("a proxy's URL may leave out its scheme and end in a path", () => {
  const env = { HTTP_PROXY: "proxy.test:3128", HTTPS_PROXY: "http://proxy.test:8080/some/path?x" };
  assertEquals(proxyFor("http://a.test/", env)?.url.href, "http://proxy.test:3128/");
  assertEquals(proxyFor("https://a.test/", env)?.url.href, "http://proxy.test:8080/");
});

Deno.test("credentials are removed from a proxy's URL and decoded", () => {
  const env = { HTTPS_PROXY: "http://us%40er:p%3Aw%2f@proxy.test:3128" };
  const proxy = proxyFor("https://a.test/", env)!;
  assertEquals(proxy.url.href, "http://proxy.test:3128/");
  assertEquals(proxy.credentials, { username: "us@er", password: "p:w/" });
  const { credentials } = proxyFor("https://a.test/", { HTTPS_PROXY: "http://user@proxy.test" })!;
  assertEquals(credentials, { username: "user", password: "" });
});

Deno.test("a password that contains a percent sign is kept unchanged", () => {
  const env = { HTTPS_PROXY: "http://user:100%@proxy.test" };
  assertEquals(proxyFor("https://a.test/", env)!.credentials?.password, "100%");
});

for (const value of ["http://", "://secret", "http://user:secret@proxy:port"]) {
  Deno.test(`${value} is refused without repeating it`, () => {
    const error = assertThrows(() => proxyFor("https://a.test/", { HTTPS_PROXY: value }));
    assertEquals((error as ConnectionError).reachedServer, false);
    assertEquals((error as Error).message, "HTTPS_PROXY is not a valid proxy URL");
  });
}

Deno.test("an unsupported kind of proxy is refused instead of ignored", () => {
  assertThrows(
    () => proxyFor("https://a.test/", { ALL_PROXY: "socks5://user:secret@proxy:1080" }),
    ConnectionError,
    "ALL_PROXY: a proxy at socks5:// cannot be used, only http://, https://",
  );
});

Deno.test("a variable that still contains ${…} is named as not replaced", () => {
  assertThrows(
    () => proxyFor("https://a.test/", { HTTPS_PROXY: "http://${PROXY_HOST}:3128" }),
    ConnectionError,
    "HTTPS_PROXY still contains ${…}",
  );
});
