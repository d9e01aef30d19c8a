import { assertEquals, assertThrows } from "@std/assert";
import {
  errorReply,
  idKey,
  InvalidMessage,
  parseMessage,
  withId,
} from "../../../src/json/jsonrpc.ts";

const request = '{"jsonrpc":"2.0","id":1,"method":"tools/call"}';
const notification = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const result = '{"jsonrpc":"2.0","id":"a","result":null}';
const error = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}';

Deno.test("parseMessage tells requests, notifications, responses and batches apart", () => {
  const seen = [request, notification, result, error, `[${request},${result},${notification}]`]
    .map(parseMessage).map(({ kind, method, requests, responses }) => ({
      kind,
      method,
      requests,
      responses,
    }));
  assertEquals(seen, [
    { kind: "request", method: "tools/call", requests: ["1"], responses: [] },
    {
      kind: "notification",
      method: "notifications/initialized",
      requests: [],
      responses: [],
    },
    { kind: "response", method: undefined, requests: [], responses: ['"a"'] },
    { kind: "response", method: undefined, requests: [], responses: [null] },
    { kind: "batch", method: undefined, requests: ["1"], responses: ['"a"'] },
  ]);
});

Deno.test("the text of a message is the text that was given, without line breaks between tokens", () => {
  const pretty = '\ufeff {\r\n  "jsonrpc": "2.0",\n\n"id": 1.0,\r"method": "a\\nb" } \n';
  assertEquals(
    parseMessage(pretty).text,
    '{  "jsonrpc": "2.0","id": 1.0,"method": "a\\nb" }',
  );
});

/** Ids as JSON text, and the key that they are known by. */
const IDS: readonly (readonly [text: string, key: string])[] = [
  ["0", "0"],
  ["-7", "-7"],
  ["1.5", "1.5"],
  ['"7"', '"7"'],
  ['""', '""'],
  ['"\\u0061"', '"a"'],
  ["9007199254740991", "9007199254740991"],
  ["9007199254740993", "9007199254740993"],
  ["-9007199254740993", "-9007199254740993"],
  ["123456789012345678901234567890", "123456789012345678901234567890"],
  ["1e999", "1e999"],
];

Deno.test("an id is kept exactly, also where JSON.parse would round it", () => {
  for (const [text, key] of IDS) {
    assertEquals(parseMessage(`{"jsonrpc":"2.0","id":${text},"method":"a"}`).requests, [key]);
    assertEquals(parseMessage(`{"result":{},"jsonrpc":"2.0","id":${text}}`).responses, [key]);
  }
});

Deno.test("two ids beyond 2^53 stay different, although JSON.parse gives the same number", () => {
  const [first] = parseMessage('{"jsonrpc":"2.0","id":9007199254740993,"method":"a"}').requests;
  const [second] = parseMessage('{"jsonrpc":"2.0","id":9007199254740992,"method":"a"}').requests;
  assertEquals([first, second], ["9007199254740993", "9007199254740992"]);
});

Deno.test("a huge id is found among members that look like it", () => {
  const text =
    '{"params":{"id":1,"x":["id",{"id":2}]},"i\\u0064":0,"a":"\\"id\\":3,","jsonrpc":"2.0",' +
    '"id" : 9007199254740993 ,"method":"a"}';
  assertEquals(parseMessage(text).requests, ["9007199254740993"]);
});

Deno.test("text that is not JSON is refused with -32700, and JSON that is not a message with -32600 and its ids", () => {
  const refusals: readonly (readonly [text: string, code: number, ids: readonly string[]])[] = [
    ["", -32700, []],
    ["{", -32700, []],
    ["{}", -32600, []],
    ["[]", -32600, []],
    ["null", -32600, []],
    ['{"jsonrpc":"2.0","id":null,"method":"a"}', -32600, []],
    ['{"jsonrpc":"1.0","id":3,"method":"a"}', -32600, ["3"]],
    ['{"jsonrpc":"2.0","id":3,"method":"a"', -32700, []],
    ['{"jsonrpc":"2.0","id":3,"result":1,"method":4}', -32600, ["3"]],
    // An answer to a message that is no request would be one that nobody waits for.
    ['{"jsonrpc":"2.0","id":3}', -32600, []],
    [`[${request},4]`, -32600, ["1"]],
  ];
  for (const [text, code, ids] of refusals) {
    const { name: _, ...refusal } = assertThrows(() => parseMessage(text), InvalidMessage);
    assertEquals([refusal.code, refusal.ids], [code, ids], text);
  }
});

Deno.test("withId sets the id and keeps every other byte", () => {
  const cases = [
    ['{"id":null,"a":1.0}', '{"id":7,"a":1.0}'],
    ['{ "a" : {"id":1} , "id" : "x" }', '{ "a" : {"id":1} , "id" : 7 }'],
    ['{"a":"\\"id\\":","id":[1,{"id":2}]}', '{"a":"\\"id\\":","id":7}'],
    ['{"a":1.0}', '{"id":7,"a":1.0}'],
    ['{"id":1,"id":2}', '{"id":1,"id":7}'],
  ];
  for (const [text, expected] of cases) assertEquals(withId(text, "7"), expected);
});

Deno.test("errorReply writes the id unchanged and leaves out absent members", () => {
  assertEquals(
    errorReply("9007199254740993", { code: -1, message: 'say "no"' }),
    '{"jsonrpc":"2.0","id":9007199254740993,"error":{"code":-1,"message":"say \\"no\\""}}',
  );
  assertEquals(
    errorReply(null, { code: -1, message: "m", data: { status: 500 } }),
    '{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m","data":{"status":500}}}',
  );
});

Deno.test("idKey distinguishes ids by type, and accepts only strings and numbers", () => {
  assertEquals([1, "1", 0, "", null, undefined, {}, true].map(idKey), [
    "1",
    '"1"',
    "0",
    '""',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("a batch keeps a huge id exactly", () => {
  const batch = '[{"jsonrpc":"2.0","id":9007199254740993,"method":"a"}]';
  assertEquals(parseMessage(batch).requests, ["9007199254740993"]);
});
