import { testPairs } from "./parts/pairs.ts";
import { pythonPairs } from "./parts/python.ts";
import { typeScriptPairs } from "./parts/typescript.ts";

// These need only npm and PyPI; all_mcp_pairs_test.ts adds the other languages.

Deno.test("MCP clients and servers of Python and TypeScript work together through the proxy", async (t) => {
  const [python, typeScript] = [await pythonPairs(), typeScriptPairs()];
  const clients = [...python.clients, ...typeScript.clients];
  for (const server of [...python.servers, ...typeScript.servers]) {
    await testPairs(t, server, clients);
  }
});
