/** Decodes UTF-8 chunk by chunk; without a chunk it gives what is left at the end. */
export type Utf8Decoder = (chunk?: Uint8Array) => string;

/**
 * Creates a decoder that leaves out a byte order mark in front of the text, and nothing else.
 * Deno's own drops a U+FEFF in the middle as well, wherever a chunk happens to begin with one.
 */
export function createUtf8Decoder(): Utf8Decoder {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let begun = false;
  return (chunk) => {
    const text = decoder.decode(chunk, { stream: chunk !== undefined });
    if (begun || text === "") return text;
    begun = true;
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  };
}
