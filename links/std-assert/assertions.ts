import { AssertionError, failed } from "./assertion_error.ts";
import { difference, show } from "./difference.ts";
import { equal } from "./equal.ts";

/** Fails. */
export function fail(msg?: string): never {
  failed("Failed assertion", msg);
}

/** Fails if `expr` is falsy; narrows its type. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails if the values differ in depth; the message is a line by line difference. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) {
    failed("Values are not equal", msg, `\n\n${difference(actual, expected)}\n`);
  }
}

/** Fails if the values are equal in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) {
    failed(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
  }
}

/** Fails if `actual` is `null` or `undefined`; narrows its type. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual == null) failed(`Expected actual: "${actual}" to not be null or undefined`, msg);
}

/** Fails if `actual` does not contain `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    failed(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
  }
}

/** Fails if `expected` does not match `actual`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) {
    failed(`Expected actual: "${actual}" to match: "${expected}"`, msg);
  }
}
