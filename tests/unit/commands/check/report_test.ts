import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { jsonReport, textReport } from "../../../../src/commands/check/report.ts";
import { terminalSpinner } from "../../../../src/commands/spinner.ts";
import { tokenFacts, tokenFinding } from "../../../../src/commands/check/token_facts.ts";

/** Collects what is written; the test moves the clock. */
function desk() {
  const texts: string[] = [];
  const clock = { ms: 1000 };
  const options = { write: (text: string) => void texts.push(text), now: () => clock.ms };
  return { texts, clock, options, written: () => texts.join("") };
}

Deno.test("a step is one line: mark, name, time and message", () => {
  const { clock, options, written } = desk();
  const report = textReport({ ...options, colours: false });
  report.begin("token");
  clock.ms += 12.4;
  report.end("ok", { message: "expires in 300 s" });
  assertEquals(written(), "✓ token                   12 ms  expires in 300 s\n");
  assertEquals(report.failed, undefined);
});

Deno.test("a failed step shows what was tried and what to do", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false });
  report.begin("token");
  report.end("failed", { message: "401", tried: "POST x: 401", next: ["Check A", "Set B"] });
  report.sum();
  assertStringIncludes(written(), "✗ token");
  assertStringIncludes(written(), "tried: POST x: 401\n");
  assertStringIncludes(written(), "→ Check A\n");
  assertStringIncludes(written(), "→ Set B\n");
  assertStringIncludes(written(), "Failed at: token");
  assertEquals(report.failed, "token");
});

Deno.test("a long line is wrapped with a hanging indent", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false, columns: 80 });
  report.end("failed", {
    message: "the server does not accept this token, and no other one",
    next: ["Check that the audience of the token is right, and its scope"],
  }, "token");
  assertEquals(
    written(),
    `✗ token                    0 ms  the server does not accept this token, and no
                                 other one
                                 → Check that the audience of the token is
                                   right, and its scope
`,
  );
});

Deno.test("on a narrow terminal, lines that are wrapped go below the columns", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false, columns: 60 });
  report.end("failed", {
    message: "the server does not accept this token, and no other one either",
    next: ["Check that the audience of the token is right, and its scope"],
  }, "token");
  assertEquals(
    written(),
    `✗ token                    0 ms
    the server does not accept this token, and no other one
    either
    → Check that the audience of the token is right, and its
      scope
`,
  );
});

Deno.test("advice with a URL that does not fit next to the columns goes below them too", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false, columns: 80 });
  report.end("failed", {
    message: "404",
    next: ["Set MCP_AUTH_SERVER_URL=https://auth.example.com/oauth2/token"],
  }, "token");
  assertEquals(
    written(),
    `✗ token                    0 ms
    404
    → Set MCP_AUTH_SERVER_URL=https://auth.example.com/oauth2/token
`,
  );
});

Deno.test("a URL that does not fit next to the columns goes below them", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false, columns: 60 });
  report.end("ok", { message: "metadata at https://mcp.example.com/mcp/long" }, "server");
  assertEquals(
    written(),
    "✓ server                   0 ms\n    metadata at https://mcp.example.com/mcp/long\n",
  );
});

Deno.test("colours are used only if they are enabled", () => {
  for (const colours of [true, false]) {
    const { options, written } = desk();
    const report = textReport({ ...options, colours });
    report.end("failed", { message: "x", next: ["y"] }, "step");
    report.sum();
    assertEquals(written().includes("\x1b["), colours);
  }
});

Deno.test("--json writes one object per line, and the result at the end", () => {
  const { clock, options, texts } = desk();
  const report = jsonReport(options);
  report.begin("token");
  clock.ms += 5;
  report.end("ok", { message: "m", values: { expiresIn: 300 } });
  report.end("failed", { message: "n", next: ["do"] }, "MCP");
  report.sum();
  assertEquals(texts.map((line) => JSON.parse(line)), [
    { step: "token", outcome: "ok", ms: 5, message: "m", expiresIn: 300 },
    { step: "MCP", outcome: "failed", ms: 0, message: "n", next: ["do"] },
    { ok: false, failed: "MCP", ms: 5 },
  ]);
});

Deno.test("a spinner turns during a long step and is removed afterwards", () => {
  const { options, texts } = desk();
  let tick: (() => void) | undefined;
  const spinner = terminalSpinner(options.write, (turn) => {
    tick = turn;
    return () => tick = undefined;
  });
  const report = textReport({ ...options, colours: false, spinner });
  report.begin("token");
  assertEquals(texts, []);
  tick!();
  tick!();
  assertEquals(texts.length, 2);
  assert(texts[0] !== texts[1] && texts[0].includes("token"));
  report.end("ok", { message: "m" });
  assertEquals(tick, undefined);
  assertEquals(texts[2], "\r\x1b[K");
});

Deno.test("a spinner continues after a line that is printed in the middle of its step", () => {
  const { options } = desk();
  let turning = false;
  const spinner = terminalSpinner(options.write, () => {
    turning = true;
    return () => turning = false;
  });
  const report = textReport({ ...options, colours: false, spinner });
  report.begin("token");
  report.end("warning", { message: "trying again" }, "warning");
  assert(turning);
  report.end("ok", { message: "m" });
  assert(!turning);
});

Deno.test("shows the facts of a token but never the token, for a JWT and an opaque token", () => {
  const payload = btoa(JSON.stringify({ iss: "https://i", aud: ["a", "b"], scp: ["x", "y"] }));
  const jwt = `h.${payload.replaceAll("=", "")}.s`;
  const { message, values } = tokenFinding(
    tokenFacts({ accessToken: jwt, expiresIn: 10 }, "Bearer"),
  );
  assertEquals(message, 'expires in 10 s, scope "x y", JWT from https://i for a, b');
  assert(!JSON.stringify(values).includes(payload.slice(0, 10)));
  const opaque = tokenFinding(tokenFacts({ accessToken: "abc.def.ghi", scope: "z" }));
  assertEquals(opaque.message, 'no expiry, scope "z", opaque');
  assertEquals(
    tokenFinding(tokenFacts({ accessToken: "opaque" })).message,
    "no expiry, no scope, opaque",
  );
});

Deno.test("control characters of a server do not reach the terminal", () => {
  const { options, written } = desk();
  const report = textReport({ ...options, colours: false });
  report.begin("challenge");
  report.end("failed", { message: "a\x1b[2J\nb", tried: "c\rd", next: ["e\x07f"] });
  assertEquals(written().split("\n").length, 4);
  assert(!["\x1b", "\r", "\x07"].some((control) => written().includes(control)));
});
