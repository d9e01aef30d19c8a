/** Decodes UTF-8 chunk by chunk; without a chunk it returns what is left at the end. */
export type Utf8Decoder = (chunk?: Uint8Array) => string;

/**
 * Creates a decoder that removes a byte order mark at the start of the text, and nothing else.
 * Deno's own decoder also removes a U+FEFF in the middle if a chunk begins with it.
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
