/** Reads times and sizes with units. */

/** Milliseconds of each unit of time. A number without a unit is in seconds. */
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["", 1_000],
  ["s", 1_000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
]);
/** Longest time, in milliseconds, that a timer can wait for. */
const MAX_TIME = 2 ** 31 - 1;

/** Reads a time as milliseconds, greater than 0. */
export function milliseconds(text: string): number {
  const time = quantity(text, TIME_UNITS);
  if (time === undefined) {
    throw new Error(
      "not a time; use a number of seconds, or a number with ms, s, m or h (30s, 5m)",
    );
  }
  if (time > MAX_TIME) throw new Error("is too long; use 24 days at most");
  return time;
}

/** Bytes of each unit of size. A number without a unit is in bytes. */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ...["k", "m", "g"].flatMap((prefix, at) =>
    ["", "b", "ib"].map((unit) => [prefix + unit, 1024 ** (at + 1)] as const)
  ),
]);

/** Reads a size as bytes, greater than 0. */
export function bytes(text: string): number {
  const size = quantity(text, SIZE_UNITS);
  if (size === undefined) {
    throw new Error("not a size; use a number of bytes, or a number with KB, MB or GB (64MB)");
  }
  return size;
}

/** Reads a number greater than 0 with a unit, as a whole number of the smallest unit. */
function quantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?)\s{0,9}([a-z]{0,3})$/i.exec(text.trim()) ?? [];
  const factor = units.get(unit?.toLowerCase());
  const value = Math.round(Number(digits) * (factor ?? NaN));
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}
