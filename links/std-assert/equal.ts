/**
 * Whether two values are the same in depth: same prototype, same properties, same members. `NaN` equals `NaN`, `0`
 * equals `-0`; a missing property is not one that is `undefined`. Sets and Maps have no order.
 */
export function equal(a: unknown, b: unknown): boolean {
  return equalIn(a, b, new Map());
}

/** `seen` holds the pairs under comparison: one met again is a cycle, and equal so far. */
function equalIn(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || prototypeOf(a) !== prototypeOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  const same = (x: unknown, y: unknown) => equalIn(x, y, seen);

  if (a instanceof Date) return same(a.getTime(), (b as Date).getTime());
  if (TEXTUAL.some((type) => a instanceof type)) return String(a) === String(b);
  if (a instanceof TypedArray) return sameElements(a as Uint8Array, b as Uint8Array, same);
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (a instanceof Set || a instanceof Map) {
    // A member that is not the partner says nothing about the next one: each try has its own `seen`.
    return sameMembers(
      [...a],
      [...b as Iterable<unknown>],
      (x, y) => equalIn(x, y, new Map(seen)),
    );
  }

  const keys = keysOf(a);
  return keys.length === keysOf(b).length &&
    keys.every((key) => key in b && same(Reflect.get(a, key), Reflect.get(b, key)));
}

/** The common parent of `Uint8Array` and the others. */
const TypedArray = Object.getPrototypeOf(Uint8Array);

/** Their text says all there is. */
const TEXTUAL = [RegExp, URL, URLSearchParams];

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** An object without a prototype passes as a plain one. */
const prototypeOf = (value: object) => Object.getPrototypeOf(value) ?? Object.prototype;

const PLAIN = [Object.prototype, Array.prototype];

/** The enumerable properties of a plain object; of a class instance all, getters included. */
function keysOf(value: object): PropertyKey[] {
  if (PLAIN.includes(prototypeOf(value))) return Reflect.ownKeys({ ...value });
  const keys = new Set<PropertyKey>();
  for (let it = value; !PLAIN.includes(it); it = prototypeOf(it)) {
    for (const key of Reflect.ownKeys(it)) keys.add(key);
  }
  return [...keys];
}

type Same = (x: unknown, y: unknown) => boolean;

const sameElements = (a: Uint8Array, b: Uint8Array, same: Same) =>
  a.length === b.length && a.every((x, i) => same(x, b[i]));

/** Every member has a partner of its own, in any order. */
function sameMembers(a: unknown[], b: unknown[], same: Same): boolean {
  const left = new Set(b);
  return a.length === b.length && a.every((x) => {
    for (const y of left) if (same(x, y)) return left.delete(y);
    return false;
  });
}
