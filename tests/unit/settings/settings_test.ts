import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  flagOf,
  identityOf,
  readSettings,
  type Setting,
  SETTINGS,
  SettingsError,
} from "../../../src/settings/settings.ts";

const GOOD: Record<string, string> = {
  MCP_CLIENT_ID: "client",
  MCP_CLIENT_SECRET: "secret",
  MCP_SERVER_URL: "https://mcp.example.com/mcp",
};

const noFile = () => Promise.reject(new Error("file not found"));

/** The settings of these variables, and files with these texts. */
function settingsOf(env: Record<string, string>, files: Record<string, string> = {}) {
  return readSettings(
    ({ variable }) => env[variable],
    (path) => path in files ? Promise.resolve(files[path]) : noFile(),
  );
}

/** The problems of these variables, by variable. */
async function problemsOf(env: Record<string, string>, files?: Record<string, string>) {
  const { problems } = await assertRejects(() => settingsOf(env, files), SettingsError);
  return Object.fromEntries(problems.map((problem) => {
    const [, variable, what] = /^(MCP_\w+): (.+)$/.exec(problem)!;
    return [variable, what];
  }));
}

Deno.test("three settings are enough, and the others have their defaults", async () => {
  const settings = await settingsOf(GOOD);
  assertEquals(settings.clientId, "client");
  assertEquals(settings.serverUrl.href, "https://mcp.example.com/mcp");
  assertEquals([settings.logLevel, settings.logFormat], ["info", "text"]);
  assertEquals([settings.allowHttp, settings.dpop], [false, false]);
  assertEquals(
    [settings.authServerUrl, settings.scope, settings.headers],
    Array(3).fill(undefined),
  );
});

Deno.test("all problems are reported at once, one for each variable", async () => {
  const problems = await problemsOf({
    MCP_SERVER_URL: "mcp",
    MCP_AUTH_SERVER_URL: "http://auth.example.com",
    MCP_LOG_LEVEL: "loud",
    MCP_CLIENT_SECRET_FILE: "missing",
  });
  assertEquals(Object.keys(problems).sort(), [
    "MCP_AUTH_SERVER_URL",
    "MCP_CLIENT_ID",
    "MCP_CLIENT_SECRET_FILE",
    "MCP_LOG_LEVEL",
    "MCP_SERVER_URL",
  ]);
});

Deno.test("a variable with a wrong value is reported once, and not as missing", async () => {
  const problems = await problemsOf({ ...GOOD, MCP_SERVER_URL: "mcp" });
  assertEquals(Object.keys(problems), ["MCP_SERVER_URL"]);
  assertMatch(problems.MCP_SERVER_URL, /not a URL/);
});

Deno.test("the secret can be in a file, without the white space around it", async () => {
  const { MCP_CLIENT_SECRET: _, ...rest } = GOOD;
  const env = { ...rest, MCP_CLIENT_SECRET_FILE: "secret.txt" };
  for (const [text, secret] of [["s", "s"], ["s\n", "s"], ["s \r\n", "s"], ["s\n\n", "s"]]) {
    assertEquals((await settingsOf(env, { "secret.txt": text })).clientSecret, secret);
  }
  assertEquals((await settingsOf(env, { "secret.txt": "\ufeffs\r\n" })).clientSecret, "s");
  const utf16 = new TextDecoder().decode(Uint8Array.of(0xff, 0xfe, 0x73, 0));
  assertMatch(
    (await problemsOf(env, { "secret.txt": utf16 })).MCP_CLIENT_SECRET_FILE,
    /UTF-16; save it as UTF-8/,
  );
  assertMatch((await problemsOf(env)).MCP_CLIENT_SECRET_FILE, /file not found/);
  assertMatch((await problemsOf(env, { "secret.txt": "\n" })).MCP_CLIENT_SECRET_FILE, /empty/);
  const both = await problemsOf({ ...env, MCP_CLIENT_SECRET: "s" }, { "secret.txt": "s" });
  assertMatch(both.MCP_CLIENT_SECRET_FILE, /MCP_CLIENT_SECRET is set too/);
});

Deno.test("a credential whose file cannot be read is one problem, not two", async () => {
  const { MCP_CLIENT_SECRET: _, ...rest } = GOOD;
  const env = { ...rest, MCP_CLIENT_SECRET_FILE: "gone", MCP_AUTH_METHOD: "client_secret_basic" };
  assertEquals(Object.keys(await problemsOf(env)), ["MCP_CLIENT_SECRET_FILE"]);
});

Deno.test("cleartext http is refused, except to this machine or if it is allowed", async () => {
  const local = [
    "http://localhost/mcp",
    "http://127.0.0.1:1/mcp",
    "http://[::1]/mcp",
    "http://a.localhost/",
  ];
  for (const url of local) await settingsOf({ ...GOOD, MCP_SERVER_URL: url });
  const remote = [
    "http://mcp.example.com/",
    "http://10.0.0.1/",
    "http://0.0.0.0/",
    "http://127.0.0.1.example.com/",
  ];
  for (const url of remote) {
    for (const MCP_SERVER_URL of [url, GOOD.MCP_SERVER_URL]) {
      const env = { ...GOOD, MCP_SERVER_URL, MCP_AUTH_SERVER_URL: url };
      const { MCP_AUTH_SERVER_URL: problem } = await problemsOf(env);
      assertMatch(problem, /cleartext.*use https/);
      // With a server that uses https, cleartext is allowed but never advised.
      assertEquals(problem.includes("MCP_ALLOW_HTTP=true"), MCP_SERVER_URL === url);
      await settingsOf({ ...env, MCP_ALLOW_HTTP: "true" });
    }
    const { MCP_SERVER_URL } = await problemsOf({ ...GOOD, MCP_SERVER_URL: url });
    assertMatch(MCP_SERVER_URL, /cleartext.*MCP_ALLOW_HTTP=true/);
  }
});

Deno.test("a problem does not repeat a secret in the value", async () => {
  const { MCP_SERVER_URL } = await problemsOf({
    ...GOOD,
    MCP_SERVER_URL: "http://a.example/?api_key=k3y",
  });
  assert(!MCP_SERVER_URL.includes("k3y"), MCP_SERVER_URL);
  const { MCP_CLIENT_SECRET: _, ...rest } = GOOD;
  const problems = await problemsOf({
    ...rest,
    MCP_CLIENT_SECRET_COMMAND: "TOKEN=t0ken vault read x",
  });
  assertMatch(problems.MCP_CLIENT_SECRET_COMMAND, /assignment/);
  assert(!JSON.stringify(problems).includes("t0ken"));
});

Deno.test("a wrong value is reported with the values that are allowed", async () => {
  for (const setting of SETTINGS.filter(({ values }) => values)) {
    const problems = await problemsOf({ ...GOOD, [setting.variable]: "nonsense" });
    for (const value of setting.values!) {
      assert(problems[setting.variable].includes(value), problems[setting.variable]);
    }
  }
});

Deno.test("an empty text counts as not set", async () => {
  const empty = Object.fromEntries(SETTINGS.map(({ variable }) => [variable, ""]));
  assertEquals(await settingsOf({ ...empty, ...GOOD }), await settingsOf(GOOD));
});

Deno.test("each setting has its own variable, key and option, and a description", () => {
  const names = [SETTINGS.map(flagOf), SETTINGS.map(({ key }) => key)];
  for (const column of [...names, SETTINGS.map(({ variable }) => variable)]) {
    assertEquals(new Set(column).size, SETTINGS.length);
  }
  for (const { variable, description } of SETTINGS) {
    assertMatch(variable, /^MCP_[A-Z_]+$/);
    assert(description.length > 5 && !description.includes("\n"), variable);
  }
  assertEquals(flagOf(SETTINGS.find(({ variable }) => variable === "MCP_CLIENT_ID")!), "client-id");
});

Deno.test("the four variables of version 1 exist", () => {
  const variables = SETTINGS.map(({ variable }) => variable);
  for (const name of ["CLIENT_ID", "CLIENT_SECRET", "SERVER_URL", "AUTH_SERVER_URL"]) {
    assert(variables.includes(`MCP_${name}`));
  }
});

Deno.test("problems do not repeat the values of secrets", async () => {
  const secrets = SETTINGS.filter(({ kind }) => kind === "secret");
  assert(secrets.some(({ variable }) => variable === "MCP_CLIENT_SECRET"));
  const env = Object.fromEntries(secrets.map(({ variable }) => [variable, "s3cret-value"]));
  const { message } = await assertRejects(() => settingsOf(env), SettingsError);
  assert(!message.includes("s3cret-value"), message);
});

Deno.test("every setting that says who the client or the user is tells tokens apart", async () => {
  const source = {
    ...GOOD,
    MCP_TOKEN_PARAMS: "audience=a",
    MCP_GRANT: "enterprise-managed",
    MCP_ID_TOKEN_COMMAND: "print-token me",
    MCP_IDP_ISSUER: "https://idp.example.com",
    MCP_LOG_LEVEL: "debug",
  };
  assertEquals(identityOf(await settingsOf(source)), [
    ["clientId", '"client"'],
    ["grant", '"enterprise-managed"'],
    ["idTokenCommand", '["print-token","me"]'],
    ["idTokenType", '"id_token"'],
    ["idpIssuer", '"https://idp.example.com"'],
    ["tokenParams", "audience=a"],
  ]);
});

Deno.test("a default is a text that its setting accepts", () => {
  for (const setting of SETTINGS) if (setting.default) setting.read(setting.default);
});

Deno.test("a variable that may not be read is not permitted, and not just unset", async () => {
  const refused = ["MCP_CLIENT_ID", "MCP_SCOPE"];
  const options = { isPermitted: ({ variable }: Setting) => !refused.includes(variable) };
  const source = ({ variable }: Setting) => refused.includes(variable) ? undefined : GOOD[variable];
  const { problems } = await assertRejects(
    () => readSettings(source, noFile, options),
    SettingsError,
  );
  assertEquals(problems.length, 1);
  assertMatch(problems[0], /^MCP_CLIENT_ID: not permitted: Deno's --allow-env/);
});

Deno.test("warnings of the source come with the problems", async () => {
  const options = { warnings: ["MCP_CLIENT_SERCET is not a setting"] };
  const error = await assertRejects(
    () => readSettings(() => undefined, noFile, options),
    SettingsError,
  );
  assertEquals(error.warnings, options.warnings);
});

Deno.test("a fault of the program while settings are read is not a problem of the settings", async () => {
  const fault = new TypeError("x is undefined");
  const reading = readSettings(
    ({ variable }) => ({ ...GOOD, MCP_CA_FILE: "/ca.pem" } as Record<string, string>)[variable],
    () => Promise.reject(fault),
  );
  assertEquals(await assertRejects(() => reading), fault);
});
