import { assertEquals, assertThrows } from "@std/assert";
import { checkUrl, isPrivate } from "../../../../src/auth/discovery/url_policy.ts";

const STRICT = { allowHttp: false, allowPrivateAddresses: false };
const PUBLIC = new URL("https://mcp.example.com/mcp");
const LOCAL = new URL("http://localhost:3000/mcp");

for (
  const [url, why] of [
    ["http://auth.example.com/token", "MCP_AUTH_SERVER_URL to the https URL"],
    ["ftp://auth.example.com/token", "not https"],
    ["javascript:alert(1)", "private"],
    ["https://user:secret@auth.example.com/token", "user name"],
    ["https://auth.example.com/token#here", "fragment"],
    ["/token", "not a URL"],
    ["https://169.254.169.254/latest/meta-data", "MCP_ALLOW_PRIVATE_ADDRESSES"],
    ["https://10.0.0.1/", "private"],
    ["https://0x7f000001/", "private"],
    ["https://2130706433/", "private"],
    ["https://[::1]/", "private"],
    ["https://[::ffff:10.1.2.3]/", "private"],
    ["https://[::127.0.0.1]/", "private"],
    ["https://[64:ff9b::10.0.0.1]/", "private"],
    ["https://[64:ff9b:1::1]/", "private"],
    ["https://[fd00::1]/", "private"],
    ["http://localhost:9000/", "private"],
    ["https://vault/", "private"],
    ["https://db.internal./", "private"],
    ["https://nas.lan/", "private"],
    ["https://vault.secrets.svc/", "private"],
    ["https://[2002:a00:1::1]/", "private"],
    ["https://[2002:a9fe:a9fe::1]/", "private"],
    ["https://[2002::1]/", "private"],
    ["https://[2001:0:53aa:64c::1]/", "private"],
    ["https://[2001::1]/", "private"],
    ["https://[::ffff:0:10.0.0.1]/", "private"],
    ["https://169.254.169.254,auth.example.com/token", "host name"],
  ]
) {
  Deno.test(`metadata of a public server must not name ${url}`, () => {
    assertThrows(() => checkUrl(url, "token_endpoint", PUBLIC, STRICT), Error, why);
  });
}

Deno.test("a value that is not a string is not a URL", () => {
  for (const value of [undefined, null, 1, {}, ["https://auth.example.com"]]) {
    assertThrows(() => checkUrl(value, "token_endpoint", PUBLIC, STRICT), Error, "not a URL");
  }
});

Deno.test("public https URLs are accepted, and private ones if a private server names them", () => {
  const url = "https://auth.example.com/realms/one/token?tenant=1";
  assertEquals(checkUrl(url, "token_endpoint", PUBLIC, STRICT).href, url);
  checkUrl("http://127.0.0.1:9000/token", "token_endpoint", LOCAL, STRICT);
  checkUrl("https://10.0.0.1/token", "token_endpoint", new URL("https://10.9.9.9/mcp"), STRICT);
});

Deno.test("the user can allow private addresses and cleartext", () => {
  const allowed = { allowHttp: false, allowPrivateAddresses: true };
  checkUrl("https://10.0.0.1/token", "token_endpoint", PUBLIC, allowed);
  assertThrows(() => checkUrl("http://10.0.0.1/token", "token_endpoint", PUBLIC, allowed));
  checkUrl("http://10.0.0.1/token", "token_endpoint", PUBLIC, { ...allowed, allowHttp: true });
});

Deno.test("public addresses are not private", () => {
  const hosts = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "[2606:4700::1111]"];
  hosts.push("[2002:808:808::1]", "[2001:4860:4860::8888]", "[::ffff:0:8.8.8.8]", "svc.example");
  for (const host of [...hosts, "localhost.example.com", "internal.example"]) {
    assertEquals(isPrivate(new URL(`https://${host}/`)), false, host);
  }
});

Deno.test("cleartext is never advised for a server that uses https", () => {
  const cleartext = "http://auth.example.com/token";
  const message = assertThrows(() => checkUrl(cleartext, "issuer", PUBLIC, STRICT), Error).message;
  assertEquals(message.includes("MCP_ALLOW_HTTP"), false);
  const policy = { ...STRICT, serverUrl: PUBLIC };
  const other = assertThrows(() => checkUrl(cleartext, "issuer", LOCAL, policy), Error).message;
  assertEquals(other.includes("MCP_ALLOW_HTTP"), false);
  assertThrows(() => checkUrl(cleartext, "issuer", LOCAL, STRICT), Error, "MCP_ALLOW_HTTP");
});
