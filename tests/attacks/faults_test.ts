import { assertEquals, assertStringIncludes } from "@std/assert";
import { runProxy } from "../../src/proxy.ts";
import { denoRuntime } from "../../src/runtime/deno/runtime.ts";
import { readSettings } from "../../src/settings/settings.ts";

const AT = { MCP_SERVER_URL: "http://127.0.0.1/mcp", MCP_CLIENT_ID: "a" };
const WITH_ENDPOINT = { ...AT, MCP_AUTH_SERVER_URL: "http://127.0.0.1/token" };

/** Where the program itself can fail on the way to a token and to the answer. */
const FAULTS: Readonly<Record<string, { env: Record<string, string>; in: string }>> = {
  "the token request": { env: { ...WITH_ENDPOINT, MCP_CLIENT_SECRET: "b" }, in: "token" },
  "discovery": {
    env: { ...AT, MCP_CLIENT_SECRET: "b", MCP_AUTH_ISSUER: "http://127.0.0.1/issuer" },
    in: "metadata",
  },
  "reading a credential": { env: { ...WITH_ENDPOINT, MCP_ASSERTION_FILE: "/jwt" }, in: "file" },
  "reading the body of a refusal": {
    env: { ...WITH_ENDPOINT, MCP_CLIENT_SECRET: "b" },
    in: "body",
  },
  "reading an answer": { env: { ...WITH_ENDPOINT, MCP_CLIENT_SECRET: "b" }, in: "answer" },
};

for (const [what, { env, in: place }] of Object.entries(FAULTS)) {
  Deno.test(`Something makes the program itself fail: the request gets an error with the reason \`internal\`, and the log has the stack once (${what})`, async () => {
    const fault = new TypeError("x is undefined");
    const fails = (where: string) => {
      if (where === place) throw fault;
    };
    const settings = await readSettings(
      ({ variable }) => (env as Record<string, string | undefined>)[variable],
      () => Promise.resolve("secret"),
    );
    const output: string[] = [];
    const lines: string[] = [];
    const request = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n';
    await runProxy(settings, {
      ...denoRuntime,
      stdin: () => new Blob([request]).stream(),
      writeStdout: (chunk) => {
        output.push(new TextDecoder().decode(chunk));
        return Promise.resolve();
      },
      writeStderr: (line) => void lines.push(line),
      async readTextFile() {
        await fails("file");
        return "secret";
      },
      http: () => ({ purpose = "message" }) => {
        fails(purpose);
        if (purpose === "token") {
          return Promise.resolve(Response.json({ access_token: "t", token_type: "Bearer" }));
        }
        const { status, headers } = Response.json({}, { status: place === "answer" ? 200 : 500 });
        const body = (async function* () {
          yield new Uint8Array(1);
          await fails("body");
          fails("answer");
        })();
        return Promise.resolve({ status, headers, body, text: () => Promise.resolve("") });
      },
    });
    const { error } = JSON.parse(output.join(""));
    assertEquals(error.data.reason, "internal", error.message);
    const logged = lines.filter((line) => line.includes("Internal error: "));
    assertEquals(logged.length, 1, lines.join("\n"));
    assertStringIncludes(logged[0], "faults_test.ts");
  });
}
