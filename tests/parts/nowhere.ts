/**
 * An origin where nothing listens: port 2 is nobody's, and not among those that `fetch` blocks. A port
 * that was just free may be another test's by now.
 */
export const NOWHERE = "http://127.0.0.1:2";
