/** Encrypted `requestState` values for calls that wait for input. */

import { fromBase64, toBase64 } from "../json/base64.ts";
import type { Message } from "../json/jsonrpc.ts";
import { NAMED_BY } from "../mcp/methods.ts";
import { paramsOf } from "./request_text.ts";
import { MAX_STATE } from "../limits.ts";

/** Makes and opens `requestState`: a handle for a request that waits for input. */
export interface RequestStates {
  /** Seals a handle so that only this process can read it, and only for the same request. */
  seal(request: Message, handle: string): Promise<string>;
  /** The handle in a `requestState`; nothing if it is not ours or belongs to another request. */
  open(request: Message, state: string): Promise<string | undefined>;
}

const encoder = new TextEncoder();
/** Begins each state, so that none is taken for a server's own. */
const PREFIX = "mcp-oauth-proxy.";
/** Bytes of the random part of each encryption (NIST SP 800-38D section 8.2.2). */
const IV_LENGTH = 12;

/** Whether a state is one of the proxy's, of this process or another. */
export function isOurs(state: unknown): state is string {
  return typeof state === "string" && state.startsWith(PREFIX);
}

/** Creates states with a key of their own: AES-256-GCM, bound to method, name and arguments. */
export function createRequestStates(): RequestStates {
  let key: Promise<CryptoKey> | undefined;
  const theKey = () =>
    key ??= crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);

  return {
    async seal(request, handle) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
      const parameters = { name: "AES-GCM", iv, additionalData: await identityOf(request) };
      const sealed = await crypto.subtle.encrypt(
        parameters,
        await theKey(),
        encoder.encode(handle),
      );
      return PREFIX + toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    },
    async open(request, state) {
      if (!isOurs(state) || state.length > MAX_STATE) return undefined;
      try {
        const bytes = fromBase64(state.slice(PREFIX.length));
        const iv = bytes.slice(0, IV_LENGTH);
        const parameters = { name: "AES-GCM", iv, additionalData: await identityOf(request) };
        const opened = crypto.subtle.decrypt(parameters, await theKey(), bytes.slice(IV_LENGTH));
        return new TextDecoder().decode(await opened);
      } catch {
        return undefined; // Changed, from another process, or of another request.
      }
    },
  };
}

/** What a state is bound to: the method, the name and the arguments. */
async function identityOf(request: Message): Promise<Uint8Array<ArrayBuffer>> {
  const params = paramsOf(request);
  const method = request.method ?? "";
  const written = [
    method,
    params.get(NAMED_BY.get(method) ?? "") ?? "",
    params.get("arguments") ?? "",
  ];
  return new Uint8Array(
    await crypto.subtle.digest("SHA-256", encoder.encode(written.join("\n"))),
  );
}
