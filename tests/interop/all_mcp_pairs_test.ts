import { goPairs } from "./parts/go.ts";
import { javaPairs } from "./parts/java.ts";
import { testPairs } from "./parts/pairs.ts";
import { fastMcpClient, pythonPairs } from "./parts/python.ts";
import { writeTable } from "./parts/report.ts";
import { rustPairs } from "./parts/rust.ts";
import { typeScriptPairs } from "./parts/typescript.ts";

Deno.test("MCP clients and servers of all languages work together through the proxy", async (t) => {
  const languages = [
    typeScriptPairs(),
    await pythonPairs(),
    await goPairs(),
    await rustPairs(),
    await javaPairs(),
  ];
  const clients = [...languages.flatMap(({ clients }) => clients), await fastMcpClient()];
  const servers = languages.flatMap(({ servers }) => servers);
  const rows: string[][] = [];
  for (const server of servers) {
    rows.push([server.name, ...await testPairs(t, server, clients)]);
  }
  const head = ["server", ...clients.map(({ name }) => `client: ${name}`)];
  await writeTable("compatibility.md", "pairs", head, rows);
});
