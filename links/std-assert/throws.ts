import { failed } from "./assertion_error.ts";

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/**
 * Fails if `fn` does not throw, or throws something else than the class and the text asked for. Returns what
 * was thrown.
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...wanted: Wanted): unknown {
  try {
    fn();
  } catch (error) {
    return checked(error, "thrown", wanted);
  }
  failed("Expected function to throw", messageOf(wanted));
}

/**
 * Fails if the promise of `fn` does not reject, or rejects with something else than the class and the text asked
 * for. A `fn` that throws, or returns no promise, fails too. Resolves to what it rejected with.
 */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...wanted: Wanted
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch {
    // Reported below, as a missing promise is.
  }
  if (typeof promise?.then !== "function") {
    failed("Function throws when expected to reject", messageOf(wanted));
  }
  try {
    await promise;
  } catch (error) {
    return checked(error, "rejected", wanted);
  }
  failed("Expected function to reject", messageOf(wanted));
}

type Wanted = [errorClassOrMsg?: ErrorClass<Error> | string, msgIncludes?: string, msg?: string];

const messageOf = ([first, , msg]: Wanted) => typeof first === "string" ? first : msg;

function checked(error: unknown, how: string, wanted: Wanted): unknown {
  const [errorClass, msgIncludes] = wanted;
  if (errorClass === undefined || typeof errorClass === "string") return error;
  const msg = messageOf(wanted);
  if (!(error instanceof Error)) failed(`A non-Error object was ${how}`, msg);
  if (!(error instanceof errorClass)) {
    const got = (error as Error).constructor.name;
    failed(`Expected error to be instance of "${errorClass.name}", but was "${got}"`, msg);
  }
  if (msgIncludes && !error.message.includes(msgIncludes)) {
    const got = JSON.stringify(error.message);
    failed(`Expected error message to include ${JSON.stringify(msgIncludes)}, but got ${got}`, msg);
  }
  return error;
}
