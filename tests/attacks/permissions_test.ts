import { assertEquals } from "@std/assert";
import { hostOf, permissionFlags } from "../../src/commands/permissions/flags.ts";

Deno.test("a comma in a host name of metadata adds no entry to --allow-net", () => {
  assertEquals(hostOf("https://169.254.169.254,a.example/token"), undefined);
  assertEquals(hostOf("https://169.254.169.254%2Ca.example/token"), undefined);
  assertEquals(hostOf("https://a.example/token"), "a.example:443");
});

Deno.test("a comma in the host name of a setting adds no entry to --allow-net", () => {
  const texts = new Map([["MCP_SERVER_URL", "https://169.254.169.254,a.example/mcp"]]);
  assertEquals(permissionFlags({ texts, variables: [] }), []);
});
