import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { createToolParameters } from "../../../src/mcp/tool_parameters.ts";

/** The parameters that were recorded, and the warnings. */
function recorder() {
  const warnings: string[] = [];
  const { record, headers } = createToolParameters((problem) => void warnings.push(problem));
  return {
    warnings,
    record: (text: string) => record(parseMessage(text)),
    headers: (name: string, args?: unknown) => {
      const params = { name, arguments: args };
      return headers(parseMessage(
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      ));
    },
  };
}

function tool(name: string, inputSchema: unknown) {
  return { name, inputSchema };
}

function list(...tools: unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools } });
}

/** A schema with one property, `where`. */
const having = (where: unknown) => ({ type: "object", properties: { where } });

Deno.test("marked parameters become headers: strings, integers and booleans, at any depth of properties", () => {
  const { record, headers, warnings } = recorder();
  const listing = list(tool("query", {
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      limit: { type: "integer", "x-mcp-header": "Limit" },
      dry: { type: "boolean", "x-mcp-header": "Dry-Run" },
      place: having({ type: "string", "x-mcp-header": "Where" }),
      plain: { type: "string" },
    },
  }));
  assertEquals(record(listing), listing);
  assertEquals(
    headers("query", {
      region: "Zürich",
      limit: -7,
      dry: false,
      place: { where: "here" },
      plain: "no",
    }),
    {
      "mcp-param-region": "=?base64?WsO8cmljaA==?=",
      "mcp-param-limit": "-7",
      "mcp-param-dry-run": "false",
      "mcp-param-where": "here",
    },
  );
  assertEquals(warnings, []);
});

Deno.test("a parameter that is absent, null or of an unsupported type gets no header", () => {
  const { record, headers } = recorder();
  record(list(tool("query", having({ type: "string", "x-mcp-header": "Where" }))));
  for (const args of [undefined, null, {}, { where: null }, { where: {} }, { where: ["a"] }, []]) {
    assertEquals(headers("query", args), {});
  }
  assertEquals(headers("query", { where: "" }), { "mcp-param-where": "" });
  assertEquals(headers("another", { where: "here" }), {});
});

Deno.test("names that every object inherits are not arguments", () => {
  const { record, headers } = recorder();
  const properties = {
    constructor: { properties: { name: { type: "string", "x-mcp-header": "N" } } },
  };
  record(list(tool("query", { type: "object", properties })));
  assertEquals(headers("query", {}), {});
});

Deno.test("the latest list applies, page by page", () => {
  const { record, headers } = recorder();
  record(list(tool("a", having({ type: "string", "x-mcp-header": "A" }))));
  record(list(tool("b", having({ type: "string", "x-mcp-header": "B" }))));
  assertEquals(headers("a", { where: "1" }), { "mcp-param-a": "1" });
  assertEquals(headers("b", { where: "1" }), { "mcp-param-b": "1" });
  record(list(tool("a", having({ type: "string" }))));
  assertEquals(headers("a", { where: "1" }), {});
  assertEquals(headers("b", { where: "1" }), { "mcp-param-b": "1" });
});

const string = { type: "string" };
const marked = (name: unknown, type: unknown = "string") => ({ type, "x-mcp-header": name });

/** Each breaks one rule of "Schema Extension". */
const INVALID: Record<string, unknown> = {
  "an empty name": having(marked("")),
  "a space in the name": having(marked("My Region")),
  "a colon in the name": having(marked("Region:")),
  "a line break in the name": having(marked("Region\r\nInjected: yes")),
  "a name beyond ASCII": having(marked("Région")),
  "a name that is not a string": having(marked(7)),
  "a number": having(marked("Region", "number")),
  "an object": having(marked("Region", "object")),
  "an array": having(marked("Region", "array")),
  "null": having(marked("Region", "null")),
  "several types": having(marked("Region", ["string", "null"])),
  "no type": having({ "x-mcp-header": "Region" }),
  "the same name twice": { properties: { a: marked("Region"), b: marked("rEGION") } },
  "the root": { type: "object", "x-mcp-header": "Region" },
  "items": having({ type: "array", items: marked("Region") }),
  "oneOf": having({ oneOf: [marked("Region"), string] }),
  "anyOf": having({ anyOf: [string, having(marked("Region"))] }),
  "allOf": { allOf: [having(marked("Region"))] },
  "not": having({ not: marked("Region") }),
  "if": { if: having(marked("Region")), then: having(string) },
  "definitions that are referred to": {
    ...having({ $ref: "#/$defs/region" }),
    $defs: { region: marked("Region") },
  },
  "additionalProperties": { type: "object", additionalProperties: marked("Region") },
  "patternProperties": { patternProperties: { "^a": marked("Region") } },
};

for (const [what, schema] of Object.entries(INVALID)) {
  Deno.test(`a tool is left out of the list, with one warning, for a mark on or with ${what}`, () => {
    const { record, warnings } = recorder();
    const listing = list(tool("good", having(string)), tool("bad", schema));
    assertEquals(record(listing), list(tool("good", having(string))));
    assertEquals(record(listing), list(tool("good", having(string))));
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0], "bad");
    assertStringIncludes(warnings[0], "x-mcp-header");
  });
}

Deno.test("a parameter or a default that is called x-mcp-header is not a mark", () => {
  const { record, warnings } = recorder();
  const listing = list(tool("odd", {
    type: "object",
    properties: {
      "x-mcp-header": string,
      other: { type: "object", default: { "x-mcp-header": 7 }, examples: [{ "x-mcp-header": 7 }] },
    },
  }));
  assertEquals(record(listing), listing);
  assertEquals(warnings, []);
});

Deno.test("all bytes but those of the tools that are left out stay as they were", () => {
  const { record } = recorder();
  const good =
    '{ "name":"good", "inputSchema":{"type":"object"}, "big":9007199254740993,"one":1.0 }';
  const bad = JSON.stringify(tool("bad", having(marked(""))));
  const listing = (tools: string) =>
    `{"x":"\\"tools\\":[]","result":{ "nextCursor":"a]}","tools":[${tools}] },"id":1,"jsonrpc":"2.0"}`;
  assertEquals(record(listing(`${bad}, ${good} ,${bad}`)), listing(good));
  assertEquals(record(listing(` ${good} , ${good} `)), listing(` ${good} , ${good} `));
  assertEquals(record(listing(bad)), listing(""));
});

Deno.test("answers that list no tools pass as they are", () => {
  const { record } = recorder();
  for (
    const text of [
      '{"jsonrpc":"2.0","id":1,"result":{}}',
      '{"jsonrpc":"2.0","id":1,"result":{"tools":{}}}',
      '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}',
      '{"jsonrpc":"2.0","method":"notifications/progress"}',
    ]
  ) assertEquals(record(text), text);
  const strange = '{"jsonrpc":"2.0","id":1,"result":{"tools":[null,7,{},{"name":7}]}}';
  assertEquals(record(strange), strange);
});

Deno.test("a deeply nested schema is looked through", () => {
  const { record } = recorder();
  let schema: unknown = { type: "string" };
  for (let depth = 0; depth < 500; depth++) schema = having(schema);
  assert(record(list(tool("deep", schema))).includes("deep"));
});
