import { assertEquals } from "@std/assert";
import type { HttpClient, HttpRequest } from "../../../src/runtime/types.ts";
import { withCookies } from "../../../src/http/cookies.ts";

const URL = "https://mcp.example.com/api/mcp";

/** A server that sets given cookies, and the client under test. */
function createServer(url = URL) {
  const requests: HttpRequest[] = [];
  let time = Date.parse("2026-01-01T00:00:00Z");
  let lines: string[] = [];
  const http: HttpClient = (request) => {
    requests.push(request);
    const headers = new Headers(lines.map((line) => ["set-cookie", line]));
    return Promise.resolve(new Response("", { headers }));
  };
  const client = withCookies(http, url, () => time);
  return {
    /** Sends a request, gets these cookies with the answer; returns the cookies that it sent. */
    async exchange(setCookies: string[] = [], at = url, headers: Record<string, string> = {}) {
      lines = setCookies;
      await client({ method: "POST", url: at, headers });
      return new Headers(requests.at(-1)!.headers).get("cookie");
    },
    pass: (seconds: number) => time += seconds * 1000,
  };
}

Deno.test("a cookie of the server comes back with the next request", async () => {
  const { exchange } = createServer();
  assertEquals(await exchange(["AWSALB=a/b+c==; Path=/; HttpOnly; SameSite=None; Secure"]), null);
  assertEquals(await exchange(["other=1"]), "AWSALB=a/b+c==");
  assertEquals(await exchange(["AWSALB=new"]), "AWSALB=a/b+c==; other=1");
});

Deno.test("a cookie that is set again replaces the old one", async () => {
  const { exchange } = createServer();
  await exchange(["route=1; Path=/", "route=2; Path=/"]);
  assertEquals(await exchange(["route=3; path=/"]), "route=2");
  assertEquals(await exchange(), "route=3");
});

Deno.test("a cookie ends when the server says so", async () => {
  const { exchange, pass } = createServer();
  await exchange([
    "short=1; Max-Age=10; Expires=Thu, 01 Jan 2032 00:00:00 GMT",
    "long=1; Expires=Thu, 01 Jan 2026 00:01:00 GMT",
    "session=1; Max-Age=soon; Expires=later",
  ]);
  assertEquals(await exchange(), "short=1; long=1; session=1");
  pass(10);
  assertEquals(await exchange(), "long=1; session=1");
  pass(50);
  assertEquals(await exchange(["session=; Max-Age=0"]), "session=1");
  assertEquals(await exchange(), null);
});

Deno.test("a cookie is sent to its path and everything under it", async () => {
  const { exchange } = createServer();
  await exchange(["api=1; Path=/api", "own=1", "elsewhere=1; Path=/other", "root=1; Path=/"]);
  assertEquals(await exchange(), "api=1; own=1; root=1");
  assertEquals(await exchange([], "https://mcp.example.com/apis"), "root=1");
  assertEquals(await exchange([], "https://mcp.example.com/other/x"), "elsewhere=1; root=1");
});

Deno.test("other origins neither get nor set cookies", async () => {
  const { exchange } = createServer();
  await exchange(["a=1; Domain=example.com; Path=/"]);
  for (const other of ["http://mcp.example.com", "https://example.com", "https://evil.test"]) {
    assertEquals(await exchange(["b=2; Path=/"], `${other}/api/mcp`), null);
  }
  assertEquals(await exchange(), "a=1");
});

Deno.test("a secure cookie is not sent in cleartext, except on this machine", async () => {
  const lan = createServer("http://mcp.lan/");
  await lan.exchange(["a=1; Secure", "b=1"]);
  assertEquals(await lan.exchange(), "b=1");
  const local = createServer("http://127.0.0.1:3000/");
  await local.exchange(["a=1; Secure"]);
  assertEquals(await local.exchange(), "a=1");
});

Deno.test("the user's own Cookie header comes first", async () => {
  const { exchange } = createServer();
  await exchange(["a=1"]);
  assertEquals(await exchange([], URL, { Cookie: "own=1" }), "own=1; a=1");
});

Deno.test("invalid cookies are dropped, and at most 50 are kept", async () => {
  const { exchange } = createServer();
  await exchange(["", "=x", "flag", "a=b\x01c", `big=${"x".repeat(5000)}`, "Path=/; x"]);
  assertEquals(await exchange(), "Path=/");
  await exchange(Array.from({ length: 60 }, (_, i) => `c${i}=1`));
  const sent = (await exchange())!.split("; ");
  assertEquals([sent.length, sent[0], sent[49]], [50, "c10=1", "c59=1"]);
});
