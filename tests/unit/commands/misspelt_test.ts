import { assertEquals } from "@std/assert";
import { misspeltVariables } from "../../../src/commands/misspelt.ts";

/** The warnings about these variables. */
function warnings(...names: string[]): string[] {
  return misspeltVariables(names, (name) => names.includes(name) ? "x" : undefined);
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
  assertEquals(misspeltVariables(["mcp_client_id"], () => "x"), []);
});
