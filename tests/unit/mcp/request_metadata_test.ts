import { assertEquals } from "@std/assert";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import {
  declaredVersion,
  encodeHeaderValue,
  metadataHeaders,
} from "../../../src/mcp/request_metadata.ts";

const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };

function request(method: string, params: unknown = { _meta }) {
  return parseMessage(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
}

Deno.test("a message belongs to the era that it declares, and without a declaration to the handshake's", () => {
  assertEquals(declaredVersion(request("tools/list")), "2026-07-28");
  for (
    const params of [null, {}, [], { _meta: {} }, {
      _meta: { "io.modelcontextprotocol/protocolVersion": 7 },
    }]
  ) {
    assertEquals(declaredVersion(request("tools/list", params)), undefined);
  }
  assertEquals(declaredVersion(parseMessage('{"jsonrpc":"2.0","id":1,"result":{}}')), undefined);
  assertEquals(declaredVersion(parseMessage('[{"jsonrpc":"2.0","id":1,"method":"a"}]')), undefined);
});

Deno.test("the headers repeat the version, the method and the name of the body", () => {
  const base = { "mcp-protocol-version": "2026-07-28" };
  const cases: [string, Record<string, unknown>, string | undefined][] = [
    ["tools/call", { name: "echo", uri: "note://a" }, "echo"],
    ["prompts/get", { name: "greet" }, "greet"],
    ["resources/read", { uri: "note://a", name: "echo" }, "note://a"],
    ["tasks/get", { taskId: "t1" }, "t1"],
    ["tasks/update", { taskId: "t1", inputResponses: {} }, "t1"],
    ["tasks/cancel", { taskId: "t1" }, "t1"],
    ["tools/list", { name: "echo", uri: "note://a" }, undefined],
    ["tools/call", { name: 7 }, undefined],
    ["tools/call", {}, undefined],
  ];
  for (const [method, params, name] of cases) {
    const expected: Record<string, string> = { ...base, "mcp-method": method };
    if (name !== undefined) expected["mcp-name"] = name;
    assertEquals(metadataHeaders(request(method, { ...params, _meta })), expected);
  }
});

Deno.test("values are encoded exactly as in the specification's table", () => {
  const plain = ["us-west1", "42", "-7", "true", "a b", "!~", "", "=?base64?", "x=?base64?a?="];
  for (const value of plain) assertEquals(encodeHeaderValue(value), value);
  // The first four are the specification's own examples.
  const encoded = {
    "Hello, 世界": "=?base64?SGVsbG8sIOS4lueVjA==?=",
    " padded ": "=?base64?IHBhZGRlZCA=?=",
    "line1\nline2": "=?base64?bGluZTEKbGluZTI=?=",
    "=?base64?literal?=": "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=",
    "a\tb": "=?base64?YQli?=",
    " ": "=?base64?IA==?=",
    "é": "=?base64?w6k=?=",
    "\u007f": "=?base64?fw==?=",
    "a\r\nInjected: yes": "=?base64?YQ0KSW5qZWN0ZWQ6IHllcw==?=",
    "\ud800": "=?base64?77+9?=",
  };
  for (const [value, header] of Object.entries(encoded)) {
    assertEquals(encodeHeaderValue(value), header);
  }
});
