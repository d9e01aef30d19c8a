/**
 * Reads TOML. A module of its own, so that the npm package holds only this part of the library, and
 * loads it only when it is needed.
 */

export { parse } from "smol-toml";
