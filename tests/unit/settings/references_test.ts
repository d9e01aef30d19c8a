import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readSettings, SettingsError } from "../../../src/settings/settings.ts";

/** The variables with a warning, if these variables and correct ones are set. */
async function warned(env: Record<string, string>): Promise<string[]> {
  const good = { MCP_CLIENT_ID: "id", MCP_SERVER_URL: "https://mcp.example.com/mcp" };
  const all: Record<string, string> = { MCP_CLIENT_SECRET: "secret", ...good, ...env };
  if (env.MCP_CLIENT_SECRET_FILE) delete all.MCP_CLIENT_SECRET;
  const settings = await readSettings(
    ({ variable }) => all[variable],
    () => Promise.resolve("${input:secret}"),
  );
  return settings.warnings.map((warning) => warning.split(" ")[0]);
}

for (
  const reference of [
    "${input:client-secret}",
    "${env:CLIENT_SECRET}",
    "${CLIENT_SECRET}",
    "$CLIENT_SECRET",
  ]
) {
  Deno.test(`${reference} is a reference of a client's configuration`, async () => {
    assertEquals(await warned({ MCP_CLIENT_SECRET: reference }), ["MCP_CLIENT_SECRET"]);
    assertEquals(await warned({ MCP_CLIENT_ID: reference }), ["MCP_CLIENT_ID"]);
  });
}

Deno.test("a reference is found within a URL", async () => {
  const url = "https://mcp.example.com/${env:TENANT}/mcp";
  assertEquals(await warned({ MCP_SERVER_URL: url }), ["MCP_SERVER_URL"]);
});

for (const url of ["https://${HOST}/mcp", "https://<host>/mcp", "https://${env:HOST}.example/"]) {
  Deno.test(`a reference in place of a host is an error, since it has no address: ${url}`, async () => {
    const { problems } = await assertRejects(() => warned({ MCP_SERVER_URL: url }), SettingsError);
    assertEquals(problems.length, 1);
    assertMatch(problems[0], /^MCP_SERVER_URL: looks like a reference/);
  });
}

for (const secret of ["$ecret", "pa$$word", "a$SECRET", "${", "$1{2}", "{input:secret}"]) {
  Deno.test(`${secret} is used as a secret without a warning`, async () => {
    assertEquals(await warned({ MCP_CLIENT_SECRET: secret }), []);
  });
}

Deno.test("the text of a file is not treated as a reference", async () => {
  assertEquals(await warned({ MCP_CLIENT_SECRET_FILE: "secret.txt" }), []);
});

for (
  const placeholder of ["%SECRET%", "<your-secret>", "{env:SECRET}", "{file:~/.secret}", "<secret>"]
) {
  Deno.test(`${placeholder} is reported as a placeholder`, async () => {
    assertEquals(await warned({ MCP_CLIENT_SECRET: placeholder }), ["MCP_CLIENT_SECRET"]);
    assertEquals(await warned({ MCP_SCOPE: placeholder }), ["MCP_SCOPE"]);
  });
}

for (const text of ["50%", "%a b%", "a<b>c", "<>", "{env:}", "100%SECRET%"]) {
  Deno.test(`${text} may be a secret`, async () => {
    assertEquals(await warned({ MCP_CLIENT_SECRET: text }), []);
  });
}

Deno.test("a placeholder is found within a URL", async () => {
  const issuer = "https://login.example.com/<tenant>/v2.0";
  assertEquals(await warned({ MCP_AUTH_ISSUER: issuer }), ["MCP_AUTH_ISSUER"]);
});

Deno.test("a command has its own variables", async () => {
  assertEquals(await warned({ MCP_ASSERTION_COMMAND: "sh -c 'cat ${TOKEN_FILE}'" }), []);
});
