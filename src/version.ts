/** The version of this release; a test holds it against deno.json. */
export const VERSION = "2.0.0";
