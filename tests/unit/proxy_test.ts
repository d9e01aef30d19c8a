import { assertEquals } from "@std/assert";
import { runProxy } from "../../src/proxy.ts";
import { denoRuntime } from "../../src/runtime/deno/runtime.ts";
import { readSettings } from "../../src/settings/settings.ts";

Deno.test("an error that nothing caught is a line of the log, in its format and without secrets", async () => {
  const env: Record<string, string> = {
    MCP_CLIENT_ID: "a",
    MCP_CLIENT_SECRET: "the-secret",
    MCP_SERVER_URL: "http://127.0.0.1/mcp",
    MCP_AUTH_SERVER_URL: "http://127.0.0.1/token",
    MCP_LOG_FORMAT: "json",
  };
  const settings = await readSettings(({ variable }) => env[variable], () => Promise.reject());
  const lines: string[] = [];
  await runProxy(settings, {
    ...denoRuntime,
    stdin: () => new ReadableStream({ start: (controller) => controller.close() }),
    writeStderr: (line) => void lines.push(line),
  }, ({ fault }) => queueMicrotask(() => fault(new Error("odd\nthe-secret"))));
  const { level, scope, message } = lines.map((line) => JSON.parse(line))
    .find(({ level }) => level === "error");
  assertEquals({ level, scope, message }, {
    level: "error",
    scope: "OAuth Proxy",
    message: "Fault: odd [redacted]",
  });
});
