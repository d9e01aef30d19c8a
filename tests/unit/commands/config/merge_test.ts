import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseJsonc, valueOf } from "../../../../src/commands/config/jsonc.ts";
import { withItem, withMember } from "../../../../src/commands/config/merge.ts";

const ENTRY = { command: "npx", args: ["-y", "x"] };

function jsonc(text: string): unknown {
  return valueOf(text, parseJsonc(text)!);
}

function valueAt(text: string, [name]: readonly string[]): unknown {
  return (jsonc(text) as Record<string, unknown>)[name];
}

Deno.test("an empty file becomes an object with the entry", () => {
  assertEquals(
    withMember("", ["servers", "a"], { b: 1 }),
    `{
  "servers": {
    "a": {
      "b": 1
    }
  }
}
`,
  );
});

Deno.test("a file of comments keeps them above the entry", () => {
  const text = withMember("// mine\n", ["servers", "a"], 1);
  assertEquals(text.startsWith("// mine\n{"), true);
  assertEquals(jsonc(text), { servers: { a: 1 } });
});

Deno.test("a new entry is inserted after the last one and its comment, and nothing else changes", () => {
  const before = `{
  // what I use
  "servers": {
    "one": { "command": "one" } // keep me here
    /* and me */
  },
  "other": [1, 2,], // a trailing comma
}
`;
  const after = withMember(before, ["servers", "two"], { b: 1 });
  assertEquals(
    after,
    `{
  // what I use
  "servers": {
    "one": { "command": "one" }, // keep me here
    /* and me */
    "two": {
      "b": 1
    }
  },
  "other": [1, 2,], // a trailing comma
}
`,
  );
});

Deno.test("an existing trailing comma is not doubled", () => {
  const after = withMember('{\n  "a": 1,\n}\n', ["b"], 2);
  assertEquals(after, '{\n  "a": 1,\n  "b": 2\n}\n');
});

Deno.test("an existing entry is replaced, and the text around it stays", () => {
  const before = '{ /* x */ "servers": { "a": {"old": true}, "b": 2 } } // end\n';
  assertEquals(
    withMember(before, ["servers", "a"], 1),
    '{ /* x */ "servers": { "a": 1, "b": 2 } } // end\n',
  );
});

Deno.test("the same entry again changes nothing", () => {
  const once = withMember('{\n\t"x": [],\n}', ["servers", "a"], ENTRY);
  assertEquals(withMember(once, ["servers", "a"], ENTRY), once);
});

Deno.test("tabs, four spaces and CRLF are kept", () => {
  assertEquals(
    withMember('{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n', ["a", "c"], { d: 2 }),
    '{\r\n\t"a": {\r\n\t\t"b": 1,\r\n\t\t"c": {\r\n\t\t\t"d": 2\r\n\t\t}\r\n\t}\r\n}\r\n',
  );
  assertEquals(
    withMember('{\n    "a": {}\n}\n', ["a", "c"], 1),
    '{\n    "a": {\n        "c": 1\n    }\n}\n',
  );
});

Deno.test("objects on one line get an entry too", () => {
  for (const before of ["{}", '{"a":1}', '{ "servers": {} }', '{"servers":{"x":{"y":1}}}']) {
    const after = withMember(before, ["servers", "new"], ENTRY);
    const known = jsonc(before) as { servers?: Record<string, unknown> };
    assertEquals(jsonc(after), { ...known, servers: { ...known.servers, new: ENTRY } });
  }
});

Deno.test("braces, comment signs and escapes inside strings are text", () => {
  const before = '{ "url": "https://x/{y}//z", "q": "a\\"} /* b */", "servers": { "a": 1 } }';
  const after = withMember(before, ["servers", "b"], 2);
  assertEquals((jsonc(after) as { q: string }).q, 'a"} /* b */');
  assertEquals(valueAt(after, ["servers"]), { a: 1, b: 2 });
});

Deno.test("an item is added to a list, or replaces the item with the same id", () => {
  const isOurs = (item: unknown) => (item as { id?: string }).id === "secret";
  const added = withItem('{ "inputs": [ { "id": "x" } ] }', ["inputs"], { id: "secret" }, isOurs);
  assertEquals(valueAt(added, ["inputs"]), [{ id: "x" }, { id: "secret" }]);
  const again = withItem(added, ["inputs"], { id: "secret", password: true }, isOurs);
  assertEquals(valueAt(again, ["inputs"]), [{ id: "x" }, { id: "secret", password: true }]);
  assertEquals(jsonc(withItem("", ["inputs"], 1, isOurs)), { inputs: [1] });
});

Deno.test("a byte order mark does not matter and stays", () => {
  const after = withMember('\ufeff{ "a": 1 }', ["b"], 2);
  assertEquals(after[0], "\ufeff");
  assertEquals(jsonc(after), { a: 1, b: 2 });
});

Deno.test("text that is not JSONC is refused with the line number and not changed", () => {
  const error = assertThrows(() => withMember('{\n  "a": 1\n  "b": 2\n}', ["c"], 3), SyntaxError);
  assertStringIncludes(error.message, "line 3");
  assertThrows(() => withMember("{ a: 1 }", ["c"], 3), SyntaxError);
  assertThrows(() => withMember('{ "a": 1 } }', ["c"], 3), SyntaxError);
  assertThrows(() => withMember('{ "a": ', ["c"], 3), SyntaxError);
});

Deno.test("a list or a text in place of an object is refused, not replaced", () => {
  assertThrows(() => withMember('{ "servers": [] }', ["servers", "a"], 1), SyntaxError, "servers");
  assertThrows(() => withMember("[]", ["servers", "a"], 1), SyntaxError, "the file");
  assertThrows(() => withItem('{ "inputs": {} }', ["inputs"], 1, () => false), SyntaxError);
});
