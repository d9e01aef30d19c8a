import type { Text } from "./text.ts";
import { MAX_DEPTH } from "../limits.ts";

/** Characters of a string that are encoded at a time. */
const CHUNK = 1 << 16;

/** What may come next, or what is being read. */
const enum State {
  Value,
  ValueOrEnd,
  Key,
  KeyOrEnd,
  Colon,
  AfterValue,
  String,
  Escape,
  Hex,
  Literal,
  Minus,
  Zero,
  Integer,
  Point,
  Fraction,
  Exponent,
  ExponentSign,
  ExponentDigits,
}

const LITERALS: Readonly<Record<number, string>> = { 116: "rue", 102: "alse", 110: "ull" };
/** 1 for each character that can follow a backslash, apart from `u`. */
const ESCAPABLE = new Uint8Array(256);
for (const char of '"\\/bfnrt') ESCAPABLE[char.charCodeAt(0)] = 1;

/**
 * Whether a text is one JSON value (RFC 8259), in one pass that builds nothing. Bytes that are not
 * ASCII are accepted inside strings as they are.
 */
export function isJson(text: Text): boolean {
  const check = createCheck();
  for (const piece of piecesOf(text)) {
    if (!check.feed(piece)) return false;
  }
  return check.isComplete();
}

function* piecesOf(text: Text): Iterable<Uint8Array> {
  if (typeof text !== "string") return yield* text.pieces;
  const encoder = new TextEncoder();
  for (let at = 0; at < text.length; at += CHUNK) yield encoder.encode(text.slice(at, at + CHUNK));
}

function createCheck() {
  /** For each open container, whether it is an object. */
  const open: boolean[] = [];
  let state: State = State.Value;
  let isKey = false;
  /** Hexadecimal digits that are still to come. */
  let hexLeft = 0;
  /** Characters of a literal that are still to come. */
  let literal = "";

  function feed(bytes: Uint8Array): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at++) {
      if (state === State.String) {
        at = endOfString(view, at);
        if (at === bytes.length) return true;
      }
      if (!take(bytes[at])) return false;
    }
    return true;
  }

  function take(byte: number): boolean {
    switch (state) {
      case State.String:
        if (byte === 34) return to(isKey ? State.Colon : State.AfterValue);
        return byte === 92 && to(State.Escape);
      case State.Escape:
        if (byte !== 117) return ESCAPABLE[byte] === 1 && to(State.String);
        hexLeft = 4;
        return to(State.Hex);
      case State.Hex:
        return isHex(byte) && (--hexLeft > 0 || to(State.String));
      case State.Literal:
        if (byte !== literal.charCodeAt(0)) return false;
        literal = literal.slice(1);
        return literal !== "" || to(State.AfterValue);
      case State.Minus:
        return byte === 48 ? to(State.Zero) : isDigit(byte) && to(State.Integer);
      case State.Integer:
        if (isDigit(byte)) return true;
        return afterInteger(byte);
      case State.Zero:
        return afterInteger(byte);
      case State.Point:
        return isDigit(byte) && to(State.Fraction);
      case State.Fraction:
        if (isDigit(byte)) return true;
        return isE(byte) ? to(State.Exponent) : between(byte, State.AfterValue);
      case State.Exponent:
        if (byte === 43 || byte === 45) return to(State.ExponentSign);
        return isDigit(byte) && to(State.ExponentDigits);
      case State.ExponentSign:
        return isDigit(byte) && to(State.ExponentDigits);
      case State.ExponentDigits:
        return isDigit(byte) || between(byte, State.AfterValue);
      default:
        return between(byte, state);
    }
  }

  function afterInteger(byte: number): boolean {
    if (byte === 46) return to(State.Point);
    return isE(byte) ? to(State.Exponent) : between(byte, State.AfterValue);
  }

  /** Takes what stands between strings, numbers and literals, or begins one. */
  function between(byte: number, expected: State): boolean {
    state = expected;
    if (byte === 32 || byte === 10 || byte === 13 || byte === 9) return true;
    switch (expected) {
      case State.AfterValue:
        if (open.length === 0) return false;
        if (byte === 44) return to(open.at(-1) ? State.Key : State.Value);
        return byte === (open.at(-1) ? 125 : 93) && close();
      case State.Colon:
        return byte === 58 && to(State.Value);
      case State.KeyOrEnd:
        if (byte === 125) return close();
        return byte === 34 && string(true);
      case State.Key:
        return byte === 34 && string(true);
      case State.ValueOrEnd:
        return byte === 93 ? close() : value(byte);
      default:
        return value(byte);
    }
  }

  function value(byte: number): boolean {
    if (byte === 34) return string(false);
    if (byte === 123 || byte === 91) {
      if (open.push(byte === 123) > MAX_DEPTH) return false;
      return to(byte === 123 ? State.KeyOrEnd : State.ValueOrEnd);
    }
    if (byte === 45) return to(State.Minus);
    if (byte === 48) return to(State.Zero);
    if (isDigit(byte)) return to(State.Integer);
    literal = LITERALS[byte] ?? "";
    return literal !== "" && to(State.Literal);
  }

  function string(key: boolean): boolean {
    isKey = key;
    return to(State.String);
  }

  function close(): boolean {
    open.pop();
    return to(State.AfterValue);
  }

  function to(next: State): true {
    state = next;
    return true;
  }

  const NUMBER_ENDS = [State.Zero, State.Integer, State.Fraction, State.ExponentDigits];
  return {
    feed,
    isComplete: () =>
      open.length === 0 && (state === State.AfterValue || NUMBER_ENDS.includes(state)),
  };
}

/**
 * The first byte from `at` on that is not within a string: its end, a byte that it cannot contain, or
 * an escape sequence that is long or cut; otherwise the number of bytes. Most of a long message is read
 * here, four bytes at once where all are plain.
 */
function endOfString(bytes: DataView, at: number): number {
  const length = bytes.byteLength;
  let end = at;
  while (end < length) {
    while (end + 4 <= length && arePlain(bytes.getInt32(end))) end += 4;
    while (end < length && isPlain(bytes.getUint8(end))) end++;
    const isEscape = end + 1 < length && bytes.getUint8(end) === 92 &&
      ESCAPABLE[bytes.getUint8(end + 1)] === 1;
    if (!isEscape) break;
    end += 2;
  }
  return end;
}

/** Whether a byte is a character of a string as it is: no quote, backslash or control character. */
const isPlain = (byte: number) => byte !== 34 && byte !== 92 && byte >= 32;

/**
 * The same for four bytes: a byte that is less than what is subtracted borrows its highest bit. Bytes
 * that have this bit already are not ASCII, and plain.
 */
function arePlain(bytes: number): boolean {
  const quotes = bytes ^ 0x22222222;
  const backslashes = bytes ^ 0x5c5c5c5c;
  const borrows = (bytes - 0x20202020) & ~bytes |
    (quotes - 0x01010101) & ~quotes |
    (backslashes - 0x01010101) & ~backslashes;
  return (borrows & 0x80808080) === 0;
}

const isDigit = (byte: number) => byte >= 48 && byte <= 57;
const isE = (byte: number) => byte === 101 || byte === 69;
const isHex = (byte: number) => isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);
