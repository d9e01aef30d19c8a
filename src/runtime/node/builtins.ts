import { createRequire } from "node:module";

/** The modules of Node's own that a start needs, or may need. */
interface Builtins {
  "node:buffer": typeof import("node:buffer");
  "node:fs": typeof import("node:fs");
  "node:http": typeof import("node:http");
  "node:https": typeof import("node:https");
  "node:process": typeof import("node:process");
  "node:stream": typeof import("node:stream");
  "node:tls": typeof import("node:tls");
  "node:zlib": typeof import("node:zlib");
}

const require = createRequire(import.meta.url);

/**
 * A module of Node's own, loaded when first asked for. Imported, it would be read to its last
 * export, whatever it loads: WebSocket and with it all of `fetch` in `node:http` (20 ms of
 * each start), all authorities in `node:tls`.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return require(name);
}
