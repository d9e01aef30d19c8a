import { assertEquals, assertThrows } from "@std/assert";
import {
  headerLines,
  positiveInteger,
  resourceIndicator,
  scopeList,
  tokenCache,
  tokenEndpoint,
  tokenParameters,
  webAddress,
} from "../../../src/settings/values.ts";

/** Asserts what a reader makes of texts, and which it refuses; `says` is in the message. */
function reads<T>(
  read: (text: string) => T,
  accepted: readonly (readonly [text: string, value: unknown])[],
  refused: readonly (readonly [text: string, says: string])[],
  shown: (value: T) => unknown = (value) => value,
) {
  for (const [text, value] of accepted) assertEquals(shown(read(text)), value, text);
  for (const [text, says] of refused) assertThrows(() => read(text), Error, says, text);
}

Deno.test("a web address is absolute, http or https, and holds no credentials", () =>
  reads(webAddress, [
    ["https://mcp.example.com/mcp", "https://mcp.example.com/mcp"],
    [" http://127.0.0.1:8080 ", "http://127.0.0.1:8080/"],
    ["https://mcp.example.com/mcp?tenant=a%20b", "https://mcp.example.com/mcp?tenant=a%20b"],
    ["https://mcp.example.com/mcp#part", "https://mcp.example.com/mcp"],
    ["https://bücher.example/mcp", "https://xn--bcher-kva.example/mcp"],
  ], [
    ["mcp.example.com", "not a URL"],
    ["/mcp", "not a URL"],
    ["", "not a URL"],
    ["ftp://mcp.example.com", "not supported"],
    ["mcp.example.com:8080/mcp", "has no https://"],
    ["localhost:8080/mcp", "has no https://; use https://, or http:// on this machine"],
    ["https://user:pass@mcp.example.com", "user name or password"],
    ["https://user@mcp.example.com", "user name or password"],
  ], (url) => url.href));

Deno.test("a token endpoint is a web address, or the word discover", () =>
  reads(
    tokenEndpoint,
    [
      ["discover", "discover"],
      [" discover ", "discover"],
      ["https://auth.example.com/token", "https://auth.example.com/token"],
    ],
    [["Discover", "not a URL"]],
    String,
  ));

Deno.test("scopes are separated by one space, however they were written", () =>
  reads(scopeList, [["a", "a"], ["  a\t b\n c ", "a b c"]], []));

Deno.test("a resource is an absolute URI without a fragment, kept as it is written, or none", () =>
  reads(resourceIndicator, [
    ["none", "none"],
    ["https://MCP.example.com", "https://MCP.example.com"],
    ["urn:example:mcp", "urn:example:mcp"],
    [" https://mcp.example.com\n", "https://mcp.example.com"],
  ], [
    ["mcp", "absolute URI"],
    ["https://mcp.example.com/#part", "fragment"],
    ["https://mcp.example.com/#", "fragment"],
  ]));

Deno.test("token parameters are a query string without what has a setting of its own", () =>
  reads(tokenParameters, [
    ["audience=a%20b&x=1&x=2", [["audience", "a b"], ["x", "1"], ["x", "2"]]],
    ["?audience=a", [["audience", "a"]]],
  ], [
    ["grant_type=password", "grant_type"],
    ["a=1&client_id=x", "client_id"],
    ["client_secret=x", "client_secret"],
    ["scope=a", "scope"],
    ["resource=a", "resource"],
  ], (parameters) => [...parameters]));

Deno.test("a token cache is on, off, or a folder with a path, not a word that was meant as yes", () =>
  reads(tokenCache, [
    ["true", true],
    ["false", undefined],
    ["/var/cache/mcp", "/var/cache/mcp"],
    ["C:\\Cache", "C:\\Cache"],
    ["./tokens", "./tokens"],
  ], [["TRUE", "not true, false or"], ["1", "not true, false or"], ["yes", "folder"]]));

Deno.test("headers are lines of `Name: value`, without what the proxy sets itself", () =>
  reads(headerLines, [
    ["X-Api-Key: a: b", { "X-Api-Key": "a: b" }],
    ["\nX-A:1\r\n\r\nX-B:\t2 \n", { "X-A": "1", "X-B": "2" }],
    ["X-Empty:", { "X-Empty": "" }],
    ["X-Latin: é", { "X-Latin": "é" }],
  ], [
    ["no colon", "Name: value"],
    [": value", "Name: value"],
    ["X A: b", "Name: value"],
    ["authorization: Bearer x", "authorization"],
    ["DPoP: x", "DPoP"],
    ["Mcp-Session-Id: x", "Mcp-Session-Id"],
    ["Content-Type: x", "Content-Type"],
    ["Host: x", "Host"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding"],
    ["Last-Event-ID: 1", "Last-Event-ID"],
    ["X-Emoji: 🎉", "X-Emoji"],
    ["X-Null: a\0b", "X-Null"],
  ]));

Deno.test("a header's value, which may be a key, is in no message", () => {
  for (const text of ["X A: s3cret", "X-A: s3cret🎉", "Authorization: s3cret", "s3cret"]) {
    const { message } = assertThrows(() => headerLines(text), Error);
    assertEquals(message.includes("s3cret"), false, message);
  }
});

Deno.test("a number is a whole one above zero", () =>
  reads(positiveInteger, [["1", 1], ["268435456", 268435456]], [
    ["0", ""],
    ["-1", ""],
    ["1.5", ""],
    ["1e3x", ""],
    ["many", ""],
  ]));
