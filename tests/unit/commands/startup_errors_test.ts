import { assertEquals, assertMatch } from "@std/assert";
import { SettingsError } from "../../../src/settings/settings.ts";
import { reportError } from "../../../src/commands/startup_errors.ts";

function reported(
  error: unknown,
  format = "text",
  os: "linux" | "windows" = "linux",
  columns?: number,
) {
  let text = "";
  const code = reportError(error, ({ key }) => key === "logFormat" ? format : undefined, {
    writeStderr: (line) => text += line,
    program: "npx -y mcp-oauth-proxy@2",
    os,
    columns,
  });
  return { code, text };
}

Deno.test("a failure that stops the program is one line", () => {
  assertEquals(reported(new Error("no such entry")), { code: 1, text: "[Error] no such entry\n" });
});

Deno.test("a fault that stops the program is reported with its stack, in the format of the log", () => {
  const { code, text } = reported(new TypeError("x is undefined"));
  assertEquals(code, 1);
  assertMatch(
    text,
    /^\[Error\] Internal error: TypeError: x is undefined \| at .*startup_errors_test/,
  );
  const { level, message } = JSON.parse(reported(new TypeError("x is undefined"), "json").text);
  assertEquals(level, "error");
  assertMatch(message, /^Internal error: TypeError: x is undefined \| at /);
});

Deno.test("settings errors end with a command as the user starts the program, for the user's shell", () => {
  const error = new SettingsError(["MCP_CLIENT_ID is not set"]);
  const { code, text } = reported(error);
  assertEquals(code, 2);
  assertMatch(text, /^ {2}MCP_CLIENT_SECRET=my-secret npx -y mcp-oauth-proxy@2 check \\$/m);
  assertMatch(text, /: npx -y mcp-oauth-proxy@2 config$/m);
  const windows = reported(error, "text", "windows").text;
  assertMatch(windows, /^ {2}\$env:MCP_CLIENT_SECRET = "my-secret"$/m);
  assertMatch(windows, /^ {2}npx -y mcp-oauth-proxy@2 check `$/m);
});

Deno.test("settings errors are wrapped at the width of the terminal, with a hanging indent", () => {
  const problem = "MCP_CLIENT_ID is not set and neither is anything else that the proxy needs";
  const { text } = reported(new SettingsError([problem]), "text", "linux", 40);
  assertEquals(text.split("\n").slice(1, 3), [
    "  MCP_CLIENT_ID is not set and neither",
    "    is anything else that the proxy",
  ]);
});
