import { assertEquals } from "@std/assert";
import { type Check, verdicts } from "../../conformance/checks.ts";
import { claims } from "../../conformance/claims.ts";
import { page } from "../../conformance/report.ts";
import { LATEST, scenarioNamed, SCENARIOS } from "../../conformance/scenarios.ts";

const check = (id: string, status: Check["status"], details?: unknown): Check => ({
  id,
  status,
  details,
});

Deno.test("the worst entry of a check decides, a warning counts as failed", () => {
  const outcomes = verdicts(
    [
      check("a", "SUCCESS"),
      check("a", "FAILURE"),
      check("a", "SUCCESS"),
      check("b", "WARNING"),
      check("c", "SUCCESS"),
      check("c", "SKIPPED"),
      check("d", "SKIPPED"),
      check("e", "INFO"),
    ],
    [],
  );
  assertEquals(outcomes.map(({ id, outcome }) => `${id} ${outcome}`), [
    "a failed",
    "b failed",
    "c passed",
    "d not applicable",
  ]);
});

Deno.test("a warning that a busy machine was slightly late is ignored", () => {
  const late = { slightlyLate: true };
  const outcomes = verdicts([check("a", "WARNING", late), check("b", "FAILURE", late)], []);
  assertEquals(outcomes.map(({ outcome }) => outcome), ["passed", "failed"]);
});

Deno.test("a demanded check fails where it was skipped or never reported", () => {
  const outcomes = verdicts([check("a", "SKIPPED")], ["a", "b"]);
  assertEquals(outcomes.map(({ id, outcome }) => `${id} ${outcome}`), ["a failed", "b failed"]);
});

Deno.test("a failed check that needs a browser is excused, and a passed check stays passed", () => {
  const browser = { a: "asks for a redirect", b: "asks for a redirect" };
  const outcomes = verdicts([check("a", "FAILURE"), check("b", "SUCCESS")], [], browser);
  assertEquals(outcomes.map(({ outcome }) => outcome), ["browser", "passed"]);
});

Deno.test("no demanded check is excused, and no two scenarios share a name", () => {
  const names = SCENARIOS.flatMap(({ name, names }) => [name, ...Object.values(names ?? {})]);
  assertEquals(names.length, new Set(names).size);
  for (const { demands, browser = {} } of SCENARIOS) {
    assertEquals(demands.filter((id) => id in browser), []);
  }
});

const tokenRequest = (scope?: string) =>
  check("incoming-auth-request", "INFO", { method: "POST", path: "/token", body: { scope } });

const refusal = (scope: string) =>
  check("outgoing-response", "INFO", {
    statusCode: 403,
    headers: { "www-authenticate": `Bearer scope="${scope}", error="insufficient_scope"` },
  });

Deno.test("a step up asks for the first scope, then for the union with what is missing", () => {
  const claim = claims.stepUp("a");
  const first = [tokenRequest("a"), refusal("b")];
  assertEquals(claim.failure([...first, tokenRequest("b a"), refusal("b")]), undefined);
  assertEquals(claim.failure(first), "asked for a");
  assertEquals(claim.failure([...first, tokenRequest("b")]), "asked for a, b");
});

Deno.test("a step up asks once if the refusal names no new scope", () => {
  const claim = claims.stepUp("a");
  assertEquals(claim.failure([tokenRequest("a"), refusal("a")]), undefined);
  assertEquals(
    claim.failure([tokenRequest("a"), refusal("a"), tokenRequest("a")]),
    "asked for a, a",
  );
});

Deno.test("a claim about every token request needs one", () => {
  const claim = claims.scopeOfEveryTokenRequest(undefined);
  assertEquals(claim.failure([]), "asked for no token request at all");
  assertEquals(claim.failure([tokenRequest()]), undefined);
});

Deno.test("the page shows a scenario's checks run by run", () => {
  const scenario = scenarioNamed("auth/basic-cimd")!;
  const browser = verdicts([check("cimd-client-id-used", "FAILURE")], [], scenario.browser);
  const text = page([{ scenario, run: LATEST, verdicts: browser }], []);
  assertEquals(
    text.split("\n").filter((line) => line.startsWith("| auth/")),
    ["| auth/basic-cimd | cimd-client-id-used | needs a browser |  |  |"],
  );
});
