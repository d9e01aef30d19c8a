/** What one call may use while it waits for the client's input. */

/** Milliseconds that it waits. */
export const INPUT_WITHIN = 10 * 60_000;
/** Questions in one round. */
export const MAX_QUESTIONS = 64;
/** Rounds in which a modern server asks for something. */
export const MAX_ROUNDS = 32;
/** Rounds in a row in which it asks for nothing. */
export const MAX_EMPTY_ROUNDS = 10;
