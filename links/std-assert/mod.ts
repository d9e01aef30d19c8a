/**
 * Offline stand-in for the part of `jsr:@std/assert` that this project uses.
 *
 * @module
 */
export * from "./assertion_error.ts";
export * from "./assertions.ts";
export * from "./equal.ts";
export * from "./throws.ts";
