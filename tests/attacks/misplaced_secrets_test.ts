import { assertEquals, assertMatch } from "@std/assert";
import { startProxy } from "../parts/proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";
import { initialize } from "../parts/scripted_proxy.ts";

const SECRET = "s3cr3t/That-Belongs+Elsewhere=";

/** Everything that the proxy says when it is started with these settings and asked something. */
async function said(env: Record<string, string>, args: string[] = []): Promise<string> {
  await using server = await startScriptedServer();
  await using proxy = startProxy({
    env: { ...server.env, MCP_CLIENT_SECRET: "", MCP_LOG_LEVEL: "debug", ...env },
    args,
  });
  if (args.length === 0) await proxy.send(initialize()).catch(() => {});
  await proxy.closeStdin().catch(() => {});
  await proxy.status;
  return proxy.stderr + proxy.lines.map(({ text }) => text).join("\n");
}

for (const variable of ["MCP_CLIENT_SECRET_COMMAND", "MCP_CLIENT_SECRET_FILE"]) {
  Deno.test(`A secret is in a setting for a file or a command: the proxy does not print it (${variable})`, async () => {
    const text = await said({ [variable]: SECRET });
    assertMatch(text, new RegExp(`${variable}: .*not the secret`));
    assertEquals(text.includes("s3cr3t"), false, text);
  });

  Deno.test(`A secret is in a setting for a file or a command: \`check\` does not print it (${variable})`, async () => {
    const text = await said({ [variable]: SECRET }, ["check"]);
    assertMatch(text.replaceAll(/\s+/g, " "), new RegExp(`${variable}: .*not the secret`));
    assertEquals(text.includes("s3cr3t"), false, text);
  });
}

for (const variable of ["MCP_AUTH_METHOD", "MCP_GRANT", "MCP_LOG_LEVEL", "MCP_DPOP"]) {
  for (const command of ["", "check"]) {
    Deno.test(`A secret is in a setting with a few known values: it is not printed (${variable}, ${command || "no command"})`, async () => {
      const text = await said({ [variable]: SECRET }, command ? [command] : []);
      assertMatch(text.replaceAll(/\s+/g, " "), new RegExp(`${variable}: not a known value; use `));
      assertEquals(text.includes("s3cr3t"), false, text);
    });
  }
}

const PEM = "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n";
const JWK = '{"kty":"oct","k":"s3cr3t"}';
for (
  const [what, text] of [["PEM", PEM], ["PEM in one line", PEM.replaceAll("\n", "\\n")], [
    "JWK",
    JWK,
  ]]
) {
  for (const command of ["", "check", "permissions"]) {
    Deno.test(`A key is in a setting for its file: it is not printed (${what}, ${command || "no command"})`, async () => {
      const shown = await said({ MCP_PRIVATE_KEY_FILE: text }, command ? [command] : []);
      assertMatch(shown.replaceAll(/\s+/g, " "), /MCP_PRIVATE_KEY_FILE: contains a text instead/);
      assertEquals(shown.includes("s3cr3t"), false, shown);
    });
  }
}

Deno.test("A secret or a client ID contains a line break: it is refused before anything is sent", async () => {
  const text = await said({
    MCP_CLIENT_ID: "id\r\nX-Injected: 1",
    MCP_CLIENT_SECRET: "s3cr3t\nX-Injected: 1",
  });
  for (const variable of ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET"]) {
    assertMatch(text, new RegExp(`${variable}: contains a line break`));
  }
  assertEquals(/s3cr3t|Injected/.test(text), false, text);
});

for (const text of ["%SECRET%", "<your-secret>", "${env:SECRET}", "   "]) {
  Deno.test(`A placeholder or white space stands in the place of a secret: the log names the setting (${JSON.stringify(text)})`, async () => {
    const problem = text.trim() === "" ? "contains only white space" : "looks like a reference";
    assertMatch(
      await said({ MCP_CLIENT_SECRET: text }),
      new RegExp(`MCP_CLIENT_SECRET:? ${problem}`),
    );
  });
}

Deno.test("A command prints a secret with a line break or with invisible characters: it is checked like one in the settings", async () => {
  const text = await said({
    MCP_CLIENT_SECRET_COMMAND: JSON.stringify([
      Deno.execPath(),
      "eval",
      `console.log("s3cr3t\\nX-Injected: 1")`,
    ]),
  });
  assertMatch(text, /MCP_CLIENT_SECRET_COMMAND: contains a line break/);
  assertEquals(/s3cr3t|Injected/.test(text), false, text);
});

Deno.test("A command for one secret reads its environment: it does not see the others", async () => {
  await using server = await startScriptedServer();
  const script = `console.log("seen:" + ["MCP_IDP_CLIENT_SECRET", "MCP_HEADERS", "MCP_CLIENT_ID"]
    .map((name) => Deno.env.get(name) ?? "").join(","))`;
  await using proxy = startProxy({
    env: {
      ...server.env,
      MCP_CLIENT_SECRET: "",
      MCP_CLIENT_SECRET_COMMAND: JSON.stringify([Deno.execPath(), "eval", script]),
      MCP_IDP_CLIENT_SECRET: "other-secret",
      MCP_HEADERS: "X-Key: other-key",
    },
  });
  await proxy.send(initialize());
  await proxy.response("initialize");
  const [{ body }] = server.received("token");
  assertEquals(
    new URLSearchParams(body).get("client_secret"),
    `seen:,,${server.env.MCP_CLIENT_ID}`,
  );
});
