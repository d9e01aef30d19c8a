import { assert, assertEquals } from "@std/assert";
import { memberSpan, partSpans } from "../../../src/json/spans.ts";

function member(text: string, name: string): string | undefined {
  const span = memberSpan(text, name);
  return span && text.slice(...span);
}

function parts(text: string, from = text.search(/[[{]/)): string[] {
  return [...partSpans(text, from)].map((span) => text.slice(...span));
}

Deno.test("the value of a member is found as it is written, of whatever kind it is", () => {
  const values = [
    "1",
    "-0.0",
    "1E400",
    "12345678901234567890",
    "true",
    "null",
    '""',
    '"a\\"b\\\\"',
    '"\\u00e9 }]{["',
    "{}",
    "[]",
    '{"x":{"a":[1,{"b":"}"}]}}',
    '[ "]", [ ], {"a":"\\\\"} ]',
  ];
  for (const value of values) {
    for (
      const text of [
        `{"x":${value}}`,
        ` \t{ "before" : [ "x" , {"x":0} ] ,\r\n "x" :\n ${value} , "after":"x"} `,
        `{"y":${value},"x":${value}}`,
      ]
    ) assertEquals(member(text, "x"), value, text);
  }
});

Deno.test("only members of the object itself count, and of the same name the last one", () => {
  assertEquals(member('{"a":{"x":1},"b":[{"x":2}],"c":"\\"x\\":3"}', "x"), undefined);
  assertEquals(member('{"x":1,"a":{"x":2},"x":3,"b":4}', "x"), "3");
  assertEquals(member("{}", "x"), undefined);
});

Deno.test("names with quotes and backslashes are found", () => {
  assertEquals(member('{"a\\"b":1,"c\\\\":2}', 'a"b'), "1");
  assertEquals(member('{"a\\"b":1,"c\\\\":2}', "c\\"), "2");
});

Deno.test("a name that is written with escapes it does not need is the same name", () => {
  assertEquals(member('{"i\\u0064":1}', "id"), "1");
  assertEquals(member('{"id":1,"\\u0069d":2}', "id"), "2");
});

Deno.test("members are searched in the object that opens at the given position", () => {
  const text = '{"x":1,"inner": {"x":2}}';
  const [start] = memberSpan(text, "inner")!;
  assertEquals(text.slice(...memberSpan(text, "x", start)!), "2");
});

Deno.test("the parts of arrays and objects are found without the space between them", () => {
  assertEquals(parts('[1, "a,b" ,[2,3],{"c":4}\n]'), ["1", '"a,b"', "[2,3]", '{"c":4}']);
  assertEquals(parts('{ "a":1, "b" : [2] }'), ['"a":1', '"b" : [2]']);
  for (const empty of ["[]", "{}", "[ ]", "{\n}"]) assertEquals(parts(empty), []);
});

Deno.test("parts and members of any JSON are what parsing finds", () => {
  const random = randomNumbers(1);
  for (let round = 0; round < 500; round++) {
    const value = randomValue(random, 4);
    const text = JSON.stringify({ value, other: [value] }, null, Math.floor(random() * 3));
    assertEquals(JSON.parse(member(text, "value")!), JSON.parse(JSON.stringify(value)), text);
    const [start] = memberSpan(text, "other")!;
    assertEquals(parts(text, start).map((part) => JSON.parse(part)), JSON.parse(text).other);
  }
});

Deno.test("deep nesting does not overflow the stack", () => {
  const depth = 100_000;
  assert(member(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"x":1}`, "x") === "1");
});

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomNumbers(seed: number): () => number {
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

function randomValue(random: () => number, depth: number): unknown {
  const strings = ['"', "\\", "a}b]", "{[", "\u2028", "", "x:y,", 'e"\\"'];
  const string = () => strings[Math.floor(random() * strings.length)];
  const size = Math.floor(random() * 4);
  const inner = () => randomValue(random, depth - 1);
  const kinds = [
    () => string(),
    () => random() * 1e6,
    () => random() < 0.5,
    () => null,
    () => Array.from({ length: size }, inner),
    () => Object.fromEntries(Array.from({ length: size }, () => [string(), inner()])),
  ];
  return kinds[Math.floor(random() * (depth > 0 ? kinds.length : 4))]();
}

Deno.test("a value that is not a container has no members and no parts", () => {
  for (const text of ["null", "1", '"tools"', "true", ""]) {
    assertEquals([memberSpan(text, "tools"), [...partSpans(text, 0)]], [undefined, []]);
  }
});

Deno.test("text that is not JSON ends the search too", () => {
  const json = String.raw`{"a\"\\":[1,{"b":"]\u00e9"}, null ],"c":-1e5,"result":{"x":[],"y":{}}}`;
  const texts = Array.from(json, (_, length) => [json.slice(0, length), json.slice(length)]).flat();
  for (
    const text of [...texts, "{,}", "{:}", "[,,]", '{"a"}', "{a:1}", '{"a":}', "{]", '{"\\x":1']
  ) {
    for (const from of [0, 1]) assert([...partSpans(text, from)].length <= text.length, text);
    try {
      memberSpan(text, "result");
    } catch (error) {
      assert(error instanceof SyntaxError, `${text}: ${error}`);
    }
  }
});
