/** Options for {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /**
   * Whether a lone CR ends a line too.
   *
   * @default {false}
   */
  allowCR?: boolean;
}

/**
 * Text chunks, cut anywhere, in; lines without their ending (LF or CRLF) out. A last line without an ending
 * counts when it is not empty.
 *
 * @example
 * ```ts
 * const lines = Deno.stdin.readable
 *   .pipeThrough(new TextDecoderStream())
 *   .pipeThrough(new TextLineStream());
 * ```
 */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options: TextLineStreamOptions = {}) {
    const allowCR = options.allowCR ?? false;
    const ending = allowCR ? /\r\n|\n|\r/ : /\r?\n/;
    // Appending every chunk to one string and searching that again is O(N²) when a line spans many chunks;
    // fragments are searched once and joined once.
    let fragments: string[] = [];
    // A CR at the end of a chunk waits for the next one, which may start with its LF.
    let heldCR = "";

    super({
      transform(chunk, controller) {
        const text = heldCR + chunk;
        heldCR = text.endsWith("\r") ? "\r" : "";
        const parts = (heldCR ? text.slice(0, -1) : text).split(ending);
        for (let i = 0; i < parts.length - 1; i++) {
          fragments.push(parts[i]);
          controller.enqueue(fragments.join(""));
          fragments = [];
        }
        fragments.push(parts[parts.length - 1]);
      },
      flush(controller) {
        const rest = fragments.join("");
        if (rest || heldCR) controller.enqueue(allowCR ? rest : rest + heldCR);
      },
    });
  }
}
