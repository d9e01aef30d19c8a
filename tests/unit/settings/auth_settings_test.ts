import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readSettings, SettingsError } from "../../../src/settings/settings.ts";
import { commandLine } from "../../../src/settings/command_words.ts";
import { issuerIdentifier } from "../../../src/settings/values.ts";

const GOOD = { MCP_CLIENT_ID: "id", MCP_SERVER_URL: "https://mcp.example.com/mcp" };
const SECRET = { MCP_CLIENT_SECRET: "secret" };

/** Reads settings from variables, and files from what they hold. */
function read(env: Record<string, string>, files: Record<string, string> = {}) {
  return readSettings(({ variable }) => env[variable], (path) => {
    if (path in files) return Promise.resolve(files[path]);
    return Promise.reject(new Error(`${path} cannot be read: file not found`));
  });
}

async function problemsOf(env: Record<string, string>, files?: Record<string, string>) {
  const error = await assertRejects(() => read(env, files), SettingsError) as SettingsError;
  return error.problems;
}

for (
  const [text, words] of [
    ["op read op://vault/item", ["op", "read", "op://vault/item"]],
    [`  gpg  -d 'my file.gpg' `, ["gpg", "-d", "my file.gpg"]],
    [`"C:\\Program Files\\op.exe" read x`, ["C:\\Program Files\\op.exe", "read", "x"]],
    [`vault --field="a b"'c d' ""`, ["vault", "--field=a bc d", ""]],
    [`sh -c 'echo "$SECRET" | tail -1'`, ["sh", "-c", `echo "$SECRET" | tail -1`]],
    [`["op", "it's \\"this\\""]`, ["op", `it's "this"`]],
  ] satisfies [string, string[]][]
) {
  Deno.test(`the command ${text} is ${words.length} words`, () => {
    assertEquals(commandLine(text), words);
  });
}

Deno.test("a command that cannot be split into words is refused", () => {
  for (const text of ["op 'read", `op "read'`, " ", "[]", `["op", 1]`, "[op]", `""`]) {
    assertThrows(() => commandLine(text), Error);
  }
});

Deno.test("an issuer is checked and kept as it is written", () => {
  assertEquals(
    issuerIdentifier("https://Auth.Example.com/realms/x/"),
    "https://Auth.Example.com/realms/x/",
  );
  const wellKnown = "https://auth.example.com/.well-known/openid-configuration";
  for (
    const text of ["auth.example.com", "https://a.example/?x", "https://a.example#", wellKnown]
  ) {
    assertThrows(() => issuerIdentifier(text), Error);
  }
});

Deno.test("one of several credentials is required", async () => {
  const [problem] = await problemsOf(GOOD);
  assertStringIncludes(problem, "MCP_CLIENT_SECRET: not set");
  for (
    const credential of [
      SECRET,
      { MCP_CLIENT_SECRET_COMMAND: "op read x" },
      { MCP_ASSERTION_FILE: "/run/token" },
      { MCP_AUTH_METHOD: "none" },
      { MCP_AUTH_SERVER_URL: "discover" },
      { MCP_GRANT: "jwt-bearer", MCP_ASSERTION_COMMAND: "gcloud auth print-identity-token" },
    ] satisfies Record<string, string>[]
  ) await read({ ...GOOD, ...credential as Record<string, string> });
});

Deno.test("each method of authentication needs its credential", async () => {
  for (
    const [method, names] of [
      ["client_secret_jwt", "MCP_CLIENT_SECRET"],
      ["private_key_jwt", "MCP_PRIVATE_KEY"],
      ["tls_client_auth", "MCP_CLIENT_CERT_FILE"],
    ]
  ) {
    const [problem, ...more] = await problemsOf({ ...GOOD, MCP_AUTH_METHOD: method });
    assertStringIncludes(problem, `MCP_AUTH_METHOD: ${method} needs ${names}`);
    assertEquals(more, []);
  }
});

Deno.test("only one setting can give a secret", async () => {
  const problems = await problemsOf({
    ...GOOD,
    ...SECRET,
    MCP_CLIENT_SECRET_FILE: "/secret",
    MCP_CLIENT_SECRET_COMMAND: "op read x",
  }, { "/secret": "secret" });
  assertEquals(problems.map((line) => line.split(":")[0]), [
    "MCP_CLIENT_SECRET_FILE",
    "MCP_CLIENT_SECRET_COMMAND",
  ]);
});

Deno.test("a private key that cannot be used is reported without the key", async () => {
  const [problem] = await problemsOf({ ...GOOD, MCP_PRIVATE_KEY: "open-sesame" });
  assertStringIncludes(problem, "MCP_PRIVATE_KEY: neither PEM nor a JWK");
  assert(!problem.includes("sesame"));
});

Deno.test("a client certificate and its key are needed together", async () => {
  const files = { "/x.pem": "PEM" };
  const cert = await problemsOf({ ...GOOD, ...SECRET, MCP_CLIENT_CERT_FILE: "/x.pem" }, files);
  assertStringIncludes(cert[0], "MCP_CLIENT_KEY_FILE: not set");
  const key = await problemsOf({ ...GOOD, ...SECRET, MCP_CLIENT_KEY_FILE: "/x.pem" }, files);
  assertStringIncludes(key[0], "MCP_CLIENT_CERT_FILE: not set");
});

Deno.test("a grant is refused with the setting that it needs", async () => {
  const jwt = await problemsOf({ ...GOOD, MCP_GRANT: "jwt-bearer" });
  assertStringIncludes(jwt[0], "MCP_ASSERTION_FILE");
  const managed = await problemsOf({ ...GOOD, ...SECRET, MCP_GRANT: "enterprise-managed" });
  assertStringIncludes(managed[0], "MCP_ID_TOKEN_FILE");
});

Deno.test("the token cache is refused with DPoP and mutual TLS, which bind tokens to a key", async () => {
  const files = { "/cert": "PEM", "/key": "PEM" };
  const cached = { ...GOOD, MCP_TOKEN_CACHE: "true" };
  const certificate = { MCP_CLIENT_CERT_FILE: "/cert", MCP_CLIENT_KEY_FILE: "/key" };
  for (
    const [env, why] of [
      [{ ...SECRET, MCP_DPOP: "true" }, "MCP_DPOP"],
      [{ ...SECRET, ...certificate }, "MCP_CLIENT_CERT_FILE"],
      [{ MCP_AUTH_METHOD: "none" }, "secret"],
    ] satisfies [Record<string, string>, string][]
  ) {
    const [problem] = await problemsOf({ ...cached, ...env }, files);
    assertStringIncludes(problem, "MCP_TOKEN_CACHE: ");
    assertStringIncludes(problem, why);
  }
  assertEquals((await read({ ...cached, ...SECRET })).tokenCache, true);
  const off = await read({ ...cached, ...SECRET, MCP_TOKEN_CACHE: "false", MCP_DPOP: "true" });
  assertEquals(off.tokenCache, undefined);
});

Deno.test("cleartext is refused for every server that receives credentials", async () => {
  const problems = await problemsOf({
    ...GOOD,
    ...SECRET,
    MCP_AUTH_ISSUER: "http://auth.example.com",
    MCP_IDP_ISSUER: "http://idp.example.com",
  });
  assertEquals(problems.map((line) => line.split(":")[0]), ["MCP_AUTH_ISSUER", "MCP_IDP_ISSUER"]);
  await read({ ...GOOD, ...SECRET, MCP_AUTH_ISSUER: "http://localhost:8080/realms/x" });
});
