import { assertEquals, assertThrows } from "@std/assert";
import {
  flag,
  headerLines,
  positiveInteger,
  resourceIndicator,
  scopeList,
  tokenCache,
  tokenEndpoint,
  tokenParameters,
  webAddress,
} from "../../../src/settings/values.ts";
import { bytes, milliseconds } from "../../../src/settings/quantities.ts";

/** Asserts the values of texts, and which texts are refused; `says` is in the message. */
function reads<T>(
  read: (text: string) => T,
  accepted: readonly (readonly [text: string, value: unknown])[],
  refused: readonly (readonly [text: string, says: string])[],
  shown: (value: T) => unknown = (value) => value,
) {
  for (const [text, value] of accepted) assertEquals(shown(read(text)), value, text);
  for (const [text, says] of refused) assertThrows(() => read(text), Error, says, text);
}

Deno.test("a web address is absolute, http or https, and contains no credentials", () =>
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

Deno.test("scopes are separated by one space", () =>
  reads(scopeList, [["a", "a"], ["  a\t b\n c ", "a b c"]], []));

Deno.test("a resource is an absolute URI without a fragment, or none, and is kept as it is written", () =>
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

Deno.test("token parameters are a query string, without parameters that have their own setting", () =>
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

Deno.test("a token cache is on, off, or the path of a folder", () =>
  reads(tokenCache, [
    ["true", true],
    ["TRUE", true],
    ["1", true],
    ["false", undefined],
    ["no", undefined],
    ["/var/cache/mcp", "/var/cache/mcp"],
    ["C:\\Cache", "C:\\Cache"],
    ["./tokens", "./tokens"],
  ], [["ture", "not true, false or"], ["2", "not true, false or"], ["tokens", "folder"]]));

Deno.test("a flag is on or off, in the words that people use", () =>
  reads(flag, [
    ...["true", "TRUE", "yes", "Yes", "on", "1", " true "].map((text) => [text, true] as const),
    ...["false", "FALSE", "no", "off", "0"].map((text) => [text, false] as const),
  ], [["2", "use true or false"], ["ja", "use true or false"]]));

Deno.test("a time is a number of seconds, or a number with a unit", () =>
  reads(milliseconds, [
    ["25", 25_000],
    ["30s", 30_000],
    ["1.5 s", 1_500],
    ["250ms", 250],
    ["5m", 300_000],
    ["5 min", 300_000],
    ["1H", 3_600_000],
  ], [
    ["0", "not a time"],
    ["0s", "not a time"],
    ["-1", "not a time"],
    ["5d", "not a time; use a number of seconds, or a number with ms, s, m or h"],
    ["1m30s", "not a time"],
    ["soon", "not a time"],
    ["600h", "too long"],
    ["9".repeat(1_000), "not a time"],
  ]));

Deno.test("a size is a number of bytes, or a number with a unit", () =>
  reads(bytes, [
    ["1", 1],
    ["268435456", 268_435_456],
    ["64MB", 64 * 2 ** 20],
    ["64 mb", 64 * 2 ** 20],
    ["64MiB", 64 * 2 ** 20],
    ["64m", 64 * 2 ** 20],
    ["1.5k", 1_536],
    ["2GB", 2 * 2 ** 30],
    ["10b", 10],
  ], [
    ["0", "not a size"],
    ["0.0001b", "not a size"],
    ["64 potatoes", "not a size; use a number of bytes, or a number with KB, MB or GB"],
    ["64MB/s", "not a size"],
    ["9".repeat(15) + "GB", "not a size"],
  ]));

Deno.test("headers are lines of `Name: value`, without headers that the proxy sets", () =>
  reads(headerLines, [
    ["X-Api-Key: a: b", { "X-Api-Key": "a: b" }],
    ["\nX-A:1\r\n\r\nX-B:\t2 \n", { "X-A": "1", "X-B": "2" }],
    ["X-Empty:", { "X-Empty": "" }],
    ["X-Name: é 🎉", { "X-Name": "é 🎉" }],
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
    ["X-Null: a\0b", "X-Null"],
  ]));

Deno.test("errors do not repeat the values of headers", () => {
  for (const text of ["X A: s3cret", "X-A: s3cret\0", "Authorization: s3cret", "s3cret"]) {
    const { message } = assertThrows(() => headerLines(text), Error);
    assertEquals(message.includes("s3cret"), false, message);
  }
});

Deno.test("a number is a whole number greater than 0", () =>
  reads(positiveInteger, [["1", 1], ["268435456", 268435456]], [
    ["0", ""],
    ["-1", ""],
    ["1.5", ""],
    ["1e3x", ""],
    ["many", ""],
  ]));
