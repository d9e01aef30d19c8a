// Every check here is an `if` of its own: a broken assertion cannot vouch for itself.
import {
  assert,
  assertEquals,
  assertExists,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** The message with which `fn` fails, without colours. */
async function failure(fn: () => unknown): Promise<string> {
  try {
    await fn();
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    if (error.name !== "AssertionError") throw new Error(`named ${error.name}`);
    // deno-lint-ignore no-control-regex
    return error.message.replace(/\x1b\[\d+m/g, "");
  }
  throw new Error(`did not fail: ${fn}`);
}

async function failsWith(fn: () => unknown, ...parts: string[]) {
  const message = await failure(fn);
  for (const part of parts) {
    if (!message.includes(part)) throw new Error(`no ${JSON.stringify(part)} in: ${message}`);
  }
}

class Point {
  constructor(public x: number) {}
}

const cycle = () => {
  const value: Record<string, unknown> = { a: 1 };
  return Object.assign(value, { self: value });
};

// Within a line all are equal; across lines none are. Functions, as each call is to make its own value.
const EQUAL: Array<Array<() => unknown>> = [
  [() => 0, () => -0],
  [() => NaN, () => NaN],
  [() => 1n],
  [() => "0"],
  [() => null],
  [() => undefined],
  [() => ({}), () => Object.create(null)],
  [() => ({ a: undefined })],
  [() => ({ a: 1, b: [2, { c: 3 }] }), () => ({ b: [2, { c: 3 }], a: 1 })],
  [() => ({ a: 1, b: [2, { c: 4 }] })],
  [() => []],
  [() => [1, 2], () => [1, 2]],
  [() => [2, 1]],
  [() => new Point(1), () => new Point(1)],
  [() => new Point(2)],
  [() => ({ x: 1 })],
  [() => new Set([1, [2]]), () => new Set([[2], 1])],
  [
    () => new Map([["a", { b: 1 }], ["c", { b: 2 }]]),
    () => new Map([["c", { b: 2 }], ["a", { b: 1 }]]),
  ],
  [() => new Map([["a", { b: 2 }], ["c", { b: 1 }]])],
  [() => new Date(0), () => new Date(0)],
  [() => new Date(1)],
  [() => /a/g, () => /a/g],
  [() => /a/],
  [() => new URL("http://a/"), () => new URL("http://a")],
  [() => new URL("http://b/")],
  [() => new Uint8Array([1, 2]), () => new Uint8Array([1, 2])],
  [() => new Uint8Array([1, 3])],
  [() => new Uint8Array([1, 2]).buffer, () => new Uint8Array([1, 2]).buffer],
  [() => new Headers({ a: "b" }), () => new Headers([["a", "b"]])],
  [() => new Error("a")],
  [() => new Error("b")],
  [() => new TypeError("a")],
  [cycle, cycle],
  [() => Math.min],
  [() => Math.max],
];

Deno.test("assertEquals and assertNotEquals agree on what is equal", async () => {
  for (const [i, line] of EQUAL.entries()) {
    for (const [j, other] of EQUAL.entries()) {
      for (const a of line) {
        for (const b of other) {
          // Each error has its own stack, so only the same error is equal to itself.
          const [actual, expected] = a === b ? Array(2).fill(a()) : [a(), b()];
          if (i === j) assertEquals(actual, expected);
          else assertNotEquals(actual, expected);
          await failure(() =>
            (i === j ? assertNotEquals : assertEquals)<unknown>(actual, expected)
          );
        }
      }
    }
  }
});

Deno.test("assertEquals: the difference is shown line by line, with what is common", async () => {
  await failsWith(
    () => assertEquals({ id: 1, list: ["a", "b"], same: true }, { id: 2, list: ["a"], same: true }),
    "Values are not equal.",
    "-     id: 1",
    "+     id: 2",
    '        "a"',
    '-       "b"',
    "      same: true",
  );
});

Deno.test("assertEquals: a difference in text names the line", async () => {
  await failsWith(
    () => assertEquals("one\ntwo\nthree", "one\n2\nthree", "the lines"),
    "Values are not equal: the lines",
    "-   two",
    "+   2",
  );
});

Deno.test("assert", async () => {
  assert(1);
  await failsWith(() => assert(0, "no good"), "no good");
  const value: string | undefined = ["a"].at(0);
  assert(value);
  value.length; // narrowed
});

Deno.test("assertExists", async () => {
  const value: string | undefined = ["a"].at(0);
  assertExists(value);
  value.length; // narrowed
  for (const it of [0, "", false, NaN]) assertExists(it);
  await failsWith(() => assertExists(null), '"null" to not be null or undefined.');
  await failsWith(() => assertExists(undefined, "it"), '"undefined" to not be', ": it");
});

Deno.test("assertStringIncludes and assertMatch show both sides", async () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /^a.c$/);
  await failsWith(() => assertStringIncludes("abc", "x", "it"), '"abc" to contain: "x": it');
  await failsWith(() => assertMatch("abc", /x/), '"abc" to match: "/x/".');
});

Deno.test("assertThrows returns what was thrown", () => {
  const error = new TypeError("no such thing");
  const thrower = () => {
    throw error;
  };
  const typed: TypeError = assertThrows(thrower, TypeError, "such");
  if (typed !== error || assertThrows(thrower) !== error) throw new Error("another one");
  assertThrows(thrower, Error);
  const thrown: unknown = assertThrows(() => {
    throw 5;
  });
  if (thrown !== 5) throw new Error("not 5");
});

Deno.test("assertThrows fails on no error, and on another one", async () => {
  const thrower = () => {
    throw new Error("no such thing");
  };
  await failsWith(() => assertThrows(() => {}), "Expected function to throw.");
  await failsWith(() => assertThrows(() => {}, "it"), "Expected function to throw: it");
  await failsWith(() => assertThrows(() => {}, Error, "x", "it"), "to throw: it");
  await failsWith(
    () => assertThrows(thrower, TypeError),
    'Expected error to be instance of "TypeError", but was "Error".',
  );
  await failsWith(
    () => assertThrows(thrower, Error, "other"),
    'Expected error message to include "other", but got "no such thing".',
  );
  const throwsText = () => {
    throw "text";
  };
  await failsWith(() => assertThrows(throwsText, Error), "A non-Error object was thrown.");
});

Deno.test("assertRejects resolves to what was rejected with", async () => {
  const error = new TypeError("no such thing");
  const typed: TypeError = await assertRejects(() => Promise.reject(error), TypeError, "such");
  const untyped: unknown = await assertRejects(() => Promise.reject(error), "it");
  if (typed !== error || untyped !== error) throw new Error("another one");
});

Deno.test("assertRejects fails on a value, on another error, and on one thrown at once", async () => {
  const rejects = () => Promise.reject(new Error("no such thing"));
  await failsWith(() => assertRejects(() => Promise.resolve()), "Expected function to reject.");
  await failsWith(() => assertRejects(() => Promise.resolve(), Error, "", "it"), "to reject: it");
  await failsWith(() => assertRejects(rejects, TypeError), 'instance of "TypeError"');
  await failsWith(() => assertRejects(rejects, Error, "other"), 'to include "other"');
  await failsWith(
    () => assertRejects(() => Promise.reject(1), Error),
    "non-Error object was rejected",
  );
  const throwsAtOnce = () => {
    throw new Error("no such thing");
  };
  await failsWith(() => assertRejects(throwsAtOnce), "Function throws when expected to reject.");
});

Deno.test("fail", async () => {
  await failsWith(() => fail(), "Failed assertion.");
  await failsWith(() => fail("it"), "Failed assertion: it");
});
