/** The built-in modules of Node that the adapter uses. */
interface Builtins {
  "node:buffer": typeof import("node:buffer");
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:http": typeof import("node:http");
  "node:https": typeof import("node:https");
  "node:process": typeof import("node:process");
  "node:stream": typeof import("node:stream");
  "node:tls": typeof import("node:tls");
  "node:url": typeof import("node:url");
  "node:zlib": typeof import("node:zlib");
}

/** The part of Node's `process` global that is used here. Deno has it too. */
interface Process {
  getBuiltinModule<Name extends keyof Builtins>(name: Name): Builtins[Name];
}

/**
 * A module that is built into Node, loaded on first use. An `import` would evaluate every export at
 * the start: `node:http` then loads WebSocket and with it all of `fetch` (20 ms), `node:tls` all
 * certificate authorities.
 *
 * `process.getBuiltinModule` works wherever this file comes from, unlike `createRequire`, which
 * refuses the `https:` URL of a module from JSR. Node has it since 20.16. Deno loads its Node
 * compatibility (10 ms) when `process` is first read, so it is read here and not at the start.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const { process } = globalThis as unknown as { process: Process };
  return process.getBuiltinModule(name);
}
