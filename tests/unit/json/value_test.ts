import { assertEquals } from "@std/assert";
import { asObject, isObject, memberOf, objectIn } from "../../../src/json/value.ts";

Deno.test("only objects are objects: not null, arrays or scalars", () => {
  const values = [{}, { a: 1 }, null, undefined, [], "text", 7, true];
  assertEquals(values.map(isObject), [true, true, false, false, false, false, false, false]);
  assertEquals(values.map(asObject), [{}, { a: 1 }, {}, {}, {}, {}, {}, {}]);
});

Deno.test("only the text of an object is read as one", () => {
  assertEquals(objectIn('{"a":1}'), { a: 1 });
  for (const text of ["", "null", "[]", '"text"', "7", "<html>", "{"]) {
    assertEquals(objectIn(text), undefined, text);
  }
});

Deno.test("a path of names leads to a value, or to nothing if a part of it is missing", () => {
  const value = { params: { _meta: { token: 7 }, list: [{ name: "a" }] } };
  assertEquals(memberOf(value, "params", "_meta", "token"), 7);
  assertEquals(memberOf(value, "params", "missing", "token"), undefined);
  assertEquals(memberOf(value, "params", "list", "0"), undefined);
  assertEquals(memberOf(null, "params"), undefined);
  assertEquals(memberOf(value), value);
});

Deno.test("what every object inherits is not a member", () => {
  const inherited = ["constructor", "toString", "__proto__", "hasOwnProperty"];
  assertEquals(inherited.map((name) => memberOf({}, name)), inherited.map(() => undefined));
  assertEquals(memberOf(JSON.parse('{"__proto__":1}'), "__proto__"), 1);
});
