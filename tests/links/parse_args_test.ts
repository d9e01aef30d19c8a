import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";
import { parseArgs as fromSubpath } from "@std/cli/parse-args";

type Options = Parameters<typeof parseArgs>[1];

const CASES: Array<[name: string, args: string, options: Options, result: unknown]> = [
  ["no arguments", "", {}, { _: [] }],
  ["--name value", "--a x", {}, { _: [], a: "x" }],
  ["--name=value", "--a=x=y", {}, { _: [], a: "x=y" }],
  ["--name= is empty text", "--a=", { string: ["a"] }, { _: [], a: "" }],
  ["a flag without a value is true", "--a --b", {}, { _: [], a: true, b: true }],
  ["a string flag without a value is empty", "--a --b", { string: ["a"] }, {
    _: [],
    a: "",
    b: true,
  }],
  ["a boolean flag takes no value", "--a x", { boolean: ["a"] }, { _: ["x"], a: true }],
  ["a boolean flag takes true and false", "--a false --b=false", { boolean: ["a", "b"] }, {
    _: [],
    a: false,
    b: false,
  }],
  ["a boolean flag not given is false", "x", { boolean: "a" }, { _: ["x"], a: false }],
  ["what looks like a number is one", "--a 5 -b 1e3 0x10 -7", {}, {
    7: true,
    _: [16],
    a: 5,
    b: 1000,
  }],
  ["a string flag keeps its number as text", "--a 05 6", { string: ["a"] }, { _: [6], a: "05" }],
  ["string _ keeps positional numbers as text", "5 0x10", { string: ["_"] }, {
    _: ["5", "0x10"],
  }],
  ["an alias carries the value too", "-h --port 80", {
    alias: { help: ["h", "?"], p: "port" },
    boolean: ["help"],
  }, { _: [], h: true, help: true, "?": true, p: 80, port: 80 }],
  ["the last value counts", "--a x --a y", {}, { _: [], a: "y" }],
  ["--no- is a name", "--no-a", { boolean: ["a"] }, { _: [], a: false, "no-a": true }],
  ["-- ends the flags", "--a -- --b x 5", {}, { _: ["--b", "x", "5"], a: true }],
  ["letters", "-abc x -n5 -m=6 -p/x", {}, {
    _: [],
    a: true,
    b: true,
    c: "x",
    n: 5,
    m: 6,
    p: "/x",
  }],
  ["- is positional", "- -a", {}, { _: ["-"], a: true }],
  ["a value does not start with -", "--a -x", { string: ["a"] }, { _: [], a: "", x: true }],
];

for (const [name, args, options, result] of CASES) {
  Deno.test(`parseArgs: ${name}`, () => {
    assertEquals(parseArgs(args.split(" ").filter(Boolean), options) as unknown, result);
  });
}

Deno.test("parseArgs: unknown sees what no option declares, and drops it with false", () => {
  const seen: unknown[] = [];
  const result: unknown = parseArgs(["--b=x", "-q", "--h", "--a=1", "z", "y"], {
    string: ["a"],
    alias: { help: "h" },
    unknown: (...call) => {
      seen.push(call);
      return call[0] === "z";
    },
  });
  assertEquals(seen, [["--b=x", "b", "x"], ["-q", "q", true], ["z"], ["y"]]);
  assertEquals(result, { _: ["z"], a: "1", h: true, help: true });
});

Deno.test("parseArgs: an empty argument is positional, and no value", () => {
  assertEquals(parseArgs(["--a", "", " "]) as unknown, { _: ["", " "], a: true });
});

Deno.test("parseArgs: the arguments are left as they are", () => {
  const args = ["--a", "x", "--", "y"];
  parseArgs(args);
  assertEquals(args, ["--a", "x", "--", "y"]);
});

Deno.test("parseArgs: declared flags are typed", () => {
  const args = parseArgs(["--port=80"], {
    boolean: ["help"],
    string: ["port"],
  });
  const help: boolean = args.help;
  const port: string | undefined = args.port;
  const other: unknown = args.other;
  assertEquals([help, port, other], [false, "80", undefined]);
});

Deno.test("parseArgs: names from a table", () => {
  const names: string[] = ["server-url", "scope"];
  const args: Record<string, unknown> = parseArgs(["--scope", "a"], { string: names });
  assertEquals(names.map((name) => args[name]), [undefined, "a"]);
});

Deno.test("parseArgs: the subpath exports the same function", () => {
  assertEquals(fromSubpath, parseArgs);
});

Deno.test("parseArgs: no argument changes the prototype of objects", () => {
  parseArgs(["--constructor.prototype.x=1", "--__proto__.x=1", "--__proto__", "{}"]);
  assertEquals(Object.hasOwn(Object.prototype, "x"), false);
});
