/** Bytes that no header value can contain (RFC 9110 section 5.5). */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * A text as the value of a header: its UTF-8 bytes, one character for each, as HTTP clients and
 * servers represent them. `undefined` if a header cannot carry it.
 */
export function headerValue(text: string): string | undefined {
  const value = /^[\x20-\x7e]*$/.test(text)
    ? text
    : Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return FORBIDDEN.test(value) ? undefined : value;
}
