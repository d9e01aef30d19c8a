import { assertEquals } from "@std/assert";
import { createLog, FORMATS, type Level, LEVELS } from "../../../src/log/log.ts";
import { createRedaction } from "../../../src/log/redaction.ts";

function recordingLog(level: Level, format: typeof FORMATS[number]) {
  const lines: string[] = [];
  const redaction = createRedaction();
  redaction.hide('sec"ret', true);
  const log = createLog({ level, format, redaction }, (line) => lines.push(line));
  return { log, lines };
}

Deno.test("a level shows its own lines and those of more severe levels", () => {
  const shown = LEVELS.map((level) => {
    const { log, lines } = recordingLog(level, "text");
    for (const each of LEVELS) log[each]("Scope", each);
    return lines.map((line) => line.trimEnd().split(" ")[1]);
  });
  assertEquals(shown, [
    ["error"],
    ["error", "warn"],
    ["error", "warn", "info"],
    ["error", "warn", "info", "debug"],
  ]);
});

Deno.test("text has the values of info on separate lines, and other values after the message", () => {
  const { log, lines } = recordingLog("debug", "text");
  log.info("OAuth Proxy", "Initialized with:", { "Client ID": "a", Gone: undefined, Count: 2 });
  log.debug("OAuth", "Answered", { status: 200 });
  log.warn("OAuth", "Odd");
  assertEquals(lines, [
    "[OAuth Proxy] Initialized with:\n  Client ID: a\n  Count: 2\n",
    "[OAuth] Answered status=200\n",
    "[OAuth] Odd\n",
  ]);
});

Deno.test("JSON is one object per line, with the values as members in camelCase", () => {
  const { log, lines } = recordingLog("debug", "json");
  log.info("OAuth Proxy", "two\nlines", {
    "Client ID": "a",
    "MCP Server": "b",
    status: 3,
    Gone: undefined,
  });
  const { time, ...rest } = JSON.parse(lines[0]);
  assertEquals(rest, {
    level: "info",
    scope: "OAuth Proxy",
    message: "two lines",
    clientId: "a",
    mcpServer: "b",
    status: 3,
  });
  assertEquals(new Date(time).toISOString(), time);
  assertEquals([...lines[0]].filter((char) => char === "\n").length, 1);
});

for (const format of FORMATS) {
  Deno.test(`a message of several lines is one line in ${format}`, () => {
    const { log, lines } = recordingLog("info", format);
    log.info("Scope", "one\n[Scope] two", { value: "three\r\nfour" });
    assertEquals(lines.join("").trimEnd().split("\n").length, 1);
  });

  Deno.test(`a secret is removed from messages and values in ${format}`, () => {
    const { log, lines } = recordingLog("info", format);
    log.info("Scope", 'said sec"ret', { value: 'sec"ret' });
    assertEquals(lines[0].includes("sec"), false);
    assertEquals(lines[0].split("[redacted]").length, 3);
  });
}
