/**
 * Offline stand-in for the part of `jsr:@std/streams` that this project uses.
 *
 * @module
 */
export * from "./text_line_stream.ts";
