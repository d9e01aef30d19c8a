import { assertEquals } from "@std/assert";
import { environmentWarnings } from "../../../src/commands/environment_warnings.ts";

/** The warnings about these variables. */
function warnings(...names: string[]): string[] {
  return environmentWarnings(names, (name) => names.includes(name) ? "x" : undefined);
}

for (
  const [name, meant] of [
    ["MCP_SCOPES", "MCP_SCOPE"],
    ["MCP_CLIENT_SERCET", "MCP_CLIENT_SECRET"],
    ["MCP_SEVER_URL", "MCP_SERVER_URL"],
    ["MCP_AUTH_ISUER", "MCP_AUTH_ISSUER"],
    ["mcp_client_id", "MCP_CLIENT_ID"],
  ]
) {
  Deno.test(`${name} gets the suggestion ${meant}`, () => {
    assertEquals(warnings(name), [`${name} is not a setting; did you mean ${meant}?`]);
  });
}

Deno.test("variables of other programs get no warning", () => {
  assertEquals(warnings("MCP_TIMEOUT", "MCP_TOOL_TIMEOUT", "MCP_DEBUG", "PATH", "SCOPES"), []);
});

Deno.test("on Windows, a name in another case is the same variable", () => {
  assertEquals(environmentWarnings(["mcp_client_id"], () => "x"), []);
});

for (const variable of ["NO_PROXY", "no_proxy"]) {
  Deno.test(`${variable} with a reference that was not replaced gets a warning`, () => {
    const text = (value: string) => (name: string) => name === variable ? value : undefined;
    assertEquals(environmentWarnings([variable], text("localhost,${env:NO_PROXY}")), [
      `${variable} looks like a reference that the MCP client did not replace`,
    ]);
    assertEquals(environmentWarnings([variable], text("localhost,.corp.example")), []);
  });
}
