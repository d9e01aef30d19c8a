import { assertEquals, assertThrows } from "@std/assert";
import { InvalidMessage, paramOf, resultOf } from "../../../src/json/jsonrpc.ts";
import { readMessage } from "../../../src/json/long_message.ts";
import { Bytes, LONG, stringOf } from "../../../src/json/text.ts";
import { cutAt, inPieces } from "../../parts/pieces.ts";

/** The content of a JSON string that no proxy should have to read; not JSON by itself. */
const MUCH = String.raw`{\"id\":9,\"grüße\":[[[`.repeat(LONG / 16);
const longCall = (members: string) => `{${members}"params":{"arguments":{"text":"${MUCH}"}}}`;

/** A message as a string, and as bytes in one piece and in many. */
const forms = (text: string) => [text, inPieces(text), inPieces(text, 1_000)];

/** Reads a long message in each of its forms, which must come to the same. */
function read(text: string) {
  const [one, ...others] = forms(text).map((form) => {
    const { kind, method, requests, responses, text } = readMessage(form);
    return { kind, method, requests, responses, text: stringOf(text) };
  });
  for (const other of others) assertEquals(one, other);
  return one;
}

Deno.test("a long call is recognized by the members before or after its params", () => {
  const before = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"${MUCH}"}}`;
  const behind = `{"params":{"text":"${MUCH}"},"method":"tools/call","id":7,"jsonrpc":"2.0"}`;
  const around =
    `{ "id" : 7, "params":{"text":"${MUCH}"} , "method":"tools/call","jsonrpc":"2.0" }`;
  for (const text of [before, behind, around]) {
    assertEquals(read(text), {
      kind: "request",
      method: "tools/call",
      requests: ["7"],
      responses: [],
      text,
    });
  }
});

Deno.test("a long result is recognised in the same way, and its id is exact", () => {
  for (const id of ['"a\\"b"', "12345678901234567890", "-1"]) {
    const before = `{"jsonrpc":"2.0","id":${id},"result":{"text":"${MUCH}"}}`;
    const behind = `{"result":{"text":"${MUCH}"},"id":${id},"jsonrpc":"2.0"}`;
    for (const text of [before, behind]) {
      const { kind, responses } = read(text);
      assertEquals([kind, responses], ["response", [id]]);
    }
  }
});

Deno.test("the middle of a long message is not read", () => {
  const [bytes] = inPieces(longCall('"jsonrpc":"2.0","id":1,"method":"tools/call",')).pieces;
  bytes[bytes.length / 2 | 0] = 0xff; // Neither JSON nor UTF-8.
  assertEquals(readMessage(new Bytes([bytes])).text, new Bytes([bytes]));
});

Deno.test("white space around a long message is removed", () => {
  const text = longCall('"jsonrpc":"2.0","id":1,"method":"tools/call",');
  assertEquals(read(` \n${text}\r\n`).text, text);
});

Deno.test("a long result on several lines is put on one", () => {
  const text = `{\n"jsonrpc":"2.0",\n"id":1,\n"result":{\r\n"text":"${MUCH}"\n}}`;
  assertEquals(read(text).text, text.replaceAll(/[\r\n]/g, ""));
});

Deno.test("messages that the proxy acts on are read completely, however long they are", () => {
  const pad = `"pad":"${MUCH}"`;
  const members = '"jsonrpc":"2.0","id":1';
  const version = "io.modelcontextprotocol/protocolVersion";
  const values = [
    `{${members},"method":"initialize","params":{"protocolVersion":"1",${pad}}}`,
    `{${members},"method":"resources/subscribe","params":{"uri":"a:b",${pad}}}`,
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,${pad}}}`,
    `{${members},"error":{"code":1,"message":"m",${pad}}}`,
    `{${members},"method":"tools/call","params":{"_meta":{"${version}":"2026-07-28"},${pad}}}`,
    `{${members},"method":"tools/call","params":{${pad},"_meta":{"${version}":"2026-07-28"}}}`,
    `[{${members},"method":"tools/call","params":{${pad}}}]`,
  ];
  for (const text of values) {
    for (const form of forms(text)) {
      assertEquals(readMessage(form).value, JSON.parse(text));
    }
  }
});

Deno.test("a long text that is not a message is refused like a short one", () => {
  const refused = [
    longCall('"jsonrpc":"2.0","id":1,"method":"tools/call",').slice(0, -3),
    longCall('"jsonrpc":"1.0","id":1,"method":"tools/call",'),
    `"${MUCH}"`,
  ];
  for (const text of refused) {
    for (const form of forms(text)) assertThrows(() => readMessage(form), InvalidMessage);
  }
});

Deno.test("an id in the middle of a long call is found", () => {
  const members = '"jsonrpc":"2.0","method":"tools/call",';
  const text = `{${members}"params":{"text":"${"x".repeat(LONG)}"},"id":7,"more":{"a":[1]}}`;
  const { kind, requests } = readMessage(inPieces(text));
  assertEquals([kind, requests], ["request", ["7"]]);
});

Deno.test("a long message is the same wherever its bytes are cut", () => {
  const text = longCall('"jsonrpc":"2.0","id":"ü🎉","method":"tools/call",');
  const { length } = inPieces(text);
  const places = Array.from({ length: 2_100 }, (_, at) => at < 1_050 ? at : length - 2_100 + at);
  for (const at of places) {
    const message = readMessage(cutAt(text, at));
    assertEquals([message.requests, message.text.length], [['"ü🎉"'], length], `cut at ${at}`);
  }
});

Deno.test("modern metadata and line breaks in a long message are found across a cut", () => {
  const _meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';
  const params = `"params":{"pad":"${"x".repeat(LONG)}",${_meta},"more":"${"x".repeat(2_000)}"}`;
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call",${params}}`;
  for (let at = call.indexOf(_meta); at < call.indexOf(_meta) + _meta.length; at++) {
    assertEquals(
      paramOf(readMessage(cutAt(call, at)), "_meta") !== undefined,
      true,
      `cut at ${at}`,
    );
  }
  for (const lineBreak of ["\n", "\r", "\r\n"]) {
    const value = `{"text":"${"x".repeat(LONG)}",${lineBreak}"more":"${"x".repeat(2_000)}"}`;
    const result = `{"jsonrpc":"2.0","id":1,"result":${value}}`;
    for (let at = result.indexOf(lineBreak) - 1; at < result.indexOf(lineBreak) + 4; at++) {
      const { text } = readMessage(cutAt(result, at));
      assertEquals(text, result.replace(lineBreak, ""), `cut at ${at}`);
    }
  }
});

Deno.test("the value of a long message is complete, and parsed only when it is read", () => {
  const call = readMessage(longCall('"jsonrpc":"2.0","id":1,"method":"tools/call",'));
  assertEquals(call.isSkimmed, true);
  assertEquals(paramOf(call, "arguments", "text"), JSON.parse(`"${MUCH}"`));
  const result = readMessage(`{"jsonrpc":"2.0","id":1,"result":{"text":"${MUCH}"}}`);
  assertEquals(resultOf(result, "text"), JSON.parse(`"${MUCH}"`));
});

Deno.test("a long result that is not JSON in the middle is not a message", () => {
  for (const form of forms(`{"jsonrpc":"2.0","id":1,"result":{"text":"${MUCH}" oops}}`)) {
    assertThrows(() => readMessage(form), InvalidMessage, "not valid JSON");
  }
});
