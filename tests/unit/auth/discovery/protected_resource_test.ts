import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  covers,
  findProtectedResource,
} from "../../../../src/auth/discovery/protected_resource.ts";
import { TransientError } from "../../../../src/auth/tokens/retry.ts";
import type { HttpClient } from "../../../../src/runtime/types.ts";
import { fakeHttp } from "../../../parts/fake_http.ts";
import { withFakeTime } from "../../../parts/fake_time.ts";

const STRICT = { allowHttp: false, allowPrivateAddresses: false };
const SERVER = new URL("https://mcp.example.com/team/mcp");
const WELL_KNOWN = "https://mcp.example.com/.well-known/oauth-protected-resource";

/** Metadata about the server, by an authorization server whose name tells the documents apart. */
const about = (name: string, resource = SERVER.href) => () =>
  Response.json({ resource, authorization_servers: [name] });

Deno.test("a resource covers its own URL and the URLs below it", () => {
  for (
    const resource of [
      "https://mcp.example.com/team/mcp",
      "https://mcp.example.com/team/mcp/",
      "https://mcp.example.com/team",
      "https://mcp.example.com",
      "HTTPS://MCP.EXAMPLE.COM/",
      "https://mcp.example.com:443/team",
    ]
  ) assertEquals(covers(resource, SERVER), true, resource);
});

Deno.test("a resource does not cover URLs next to it or of other origins", () => {
  for (
    const resource of [
      "https://evil.example.com/team/mcp",
      "http://mcp.example.com/team/mcp",
      "https://mcp.example.com:8443/team/mcp",
      "https://mcp.example.com/team/mcp/more",
      "https://mcp.example.com/tea",
      "https://mcp.example.com/team/../other",
      "https://mcp.example.com/team?tenant=1",
      "https://mcp.example.com/team#part",
      "https://somebody@mcp.example.com/team/mcp",
      "https://mcp.example.com.evil.example/team/mcp",
      "api://mcp",
      "",
    ]
  ) assertEquals(covers(resource, SERVER), false, resource);
});

Deno.test("if the metadata URL in the challenge works, no other is tried", async () => {
  const named = "https://mcp.example.com/meta.json";
  const { http, asked } = fakeHttp({ [named]: about("challenge"), [WELL_KNOWN]: about("root") });
  const found = await findProtectedResource(SERVER, named, http, STRICT);
  assertEquals(found?.authorizationServers, ["challenge"]);
  assertEquals(asked, [`GET ${named}`]);
});

Deno.test("without a challenge, the well-known URL of the path comes before that of the root", async () => {
  const { http, asked } = fakeHttp({
    [`${WELL_KNOWN}/team/mcp`]: about("path"),
    [WELL_KNOWN]: about("root"),
  });
  const found = await findProtectedResource(SERVER, undefined, http, STRICT);
  assertEquals(found?.authorizationServers, ["path"]);
  assertEquals(asked, [`GET ${WELL_KNOWN}/team/mcp`]);
});

Deno.test("a web page is not metadata, so the next URL is tried", async () => {
  const page = () =>
    new Response("<title>App</title>", { headers: { "content-type": "text/html" } });
  const { http } = fakeHttp({
    [`${WELL_KNOWN}/team/mcp`]: page,
    [WELL_KNOWN]: about("root", "https://mcp.example.com"),
  });
  const found = await findProtectedResource(SERVER, undefined, http, STRICT);
  assertEquals(found?.resource, "https://mcp.example.com", "as published, without a slash");
});

Deno.test("metadata about another resource is refused", async () => {
  const { http } = fakeHttp({
    [`${WELL_KNOWN}/team/mcp`]: about("evil", "https://evil.example.com/mcp"),
  });
  await assertRejects(
    () => findProtectedResource(SERVER, undefined, http, STRICT),
    Error,
    "https://evil.example.com/mcp",
  );
});

Deno.test("a server without metadata has no result", async () => {
  const { http, asked } = fakeHttp({});
  assertEquals(await findProtectedResource(SERVER, undefined, http, STRICT), undefined);
  assertEquals(asked.length, 2);
});

Deno.test("a URL that fails temporarily does not count as a URL without metadata", async () => {
  const { http } = fakeHttp({ [WELL_KNOWN]: () => new Response(null, { status: 503 }) });
  await assertRejects(
    () => findProtectedResource(SERVER, undefined, http, STRICT),
    TransientError,
    "503",
  );
});

Deno.test("a private address in the challenge of a public server is refused", async () => {
  const { http, asked } = fakeHttp({});
  await assertRejects(
    () => findProtectedResource(SERVER, "http://169.254.169.254/latest", http, STRICT),
    Error,
    "MCP_ALLOW_PRIVATE_ADDRESSES",
  );
  assertEquals(asked.filter((request) => !request.includes(SERVER.host)), []);
});

Deno.test("a server that does not answer at one URL is not asked at the next", () =>
  withFakeTime(async (time) => {
    const asked: string[] = [];
    const silent: HttpClient = ({ url, signal }) => {
      asked.push(url);
      return new Promise((_, reject) =>
        signal!.addEventListener("abort", () => reject(signal!.reason))
      );
    };
    const found = findProtectedResource(SERVER, undefined, silent, STRICT).catch((error) => error);
    await time.pass(10_000);
    assertStringIncludes((await found).message, "did not answer within 10s");
    assertEquals(asked, [`${WELL_KNOWN}/team/mcp`]);
  }));

Deno.test("endless metadata is not read to its end", async () => {
  const endless = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)) }),
    );
  const { http } = fakeHttp({ [WELL_KNOWN]: endless });
  await assertRejects(
    () => findProtectedResource(SERVER, undefined, http, STRICT),
    Error,
    "longer than",
  );
});

for (
  const [what, named] of [
    ["a relative URL", "/.well-known/oauth-protected-resource"],
    ["localhost", "http://localhost:8000/.well-known/oauth-protected-resource"],
    ["cleartext http of another host", "http://internal.example.com/meta"],
  ]
) {
  Deno.test(`resource_metadata that is ${what} leads to the well-known URLs, with a warning`, async () => {
    const { http } = fakeHttp({ [`${WELL_KNOWN}/team/mcp`]: about("well-known") });
    const warnings: string[] = [];
    const found = await findProtectedResource(
      SERVER,
      named,
      http,
      STRICT,
      (text) => warnings.push(text),
    );
    assertEquals(found?.authorizationServers, ["well-known"]);
    assertStringIncludes(warnings.join(), named);
  });
}

Deno.test("unusable resource_metadata is reported if the well-known URLs have nothing", async () => {
  const { http } = fakeHttp({});
  await assertRejects(
    () => findProtectedResource(SERVER, "/meta", http, STRICT),
    Error,
    "not a URL",
  );
});

Deno.test("resource_metadata with http on the host of the https server is read with https", async () => {
  const { http, asked } = fakeHttp({ "https://mcp.example.com/meta": about("by-challenge") });
  const warnings: string[] = [];
  const found = await findProtectedResource(SERVER, "http://mcp.example.com/meta", http, STRICT, (
    text,
  ) => warnings.push(text));
  assertEquals(found?.authorizationServers, ["by-challenge"]);
  assertEquals(asked.map(String).filter((text) => text.startsWith("http:")), []);
  assertStringIncludes(warnings.join(), "https instead of http");
});

Deno.test("metadata about another resource: the error names MCP_AUTH_SERVER_URL", async () => {
  const { http } = fakeHttp({ [WELL_KNOWN]: about("any", "api://0f8a") });
  await assertRejects(
    () => findProtectedResource(SERVER, undefined, http, STRICT),
    Error,
    "MCP_AUTH_SERVER_URL",
  );
});
