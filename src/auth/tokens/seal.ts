import { fromBase64, toBase64 } from "../../json/base64.ts";

/** Encryption with a key made from a secret: nobody without the secret reads or forges a text. */
export interface Seal {
  /** A name for what is sealed. Without the secret it tells nothing about the purpose. */
  readonly name: string;
  /** Encrypts a text. */
  close(text: string): Promise<string>;
  /** Decrypts a text. Rejects if it was made with another secret or for another purpose. */
  open(text: string): Promise<string>;
}

const encoder = new TextEncoder();
/** Bytes of the random part that each encryption needs (NIST SP 800-38D section 8.2.2). */
const IV_LENGTH = 12;
/** Bits of a name. */
const NAME_LENGTH = 256;

/**
 * Creates a {@linkcode Seal}: AES-256-GCM with a key derived by HKDF (RFC 5869).
 *
 * @param secret what the key is made from
 * @param purpose what the key is for; each has a key of its own
 */
export async function createSeal(secret: string, purpose: string): Promise<Seal> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveKey",
    "deriveBits",
  ]);
  const derivation = (use: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(32),
    info: encoder.encode(`mcp-oauth-proxy token cache ${use}\n${purpose}`),
  });
  const key = await crypto.subtle.deriveKey(
    derivation("1"),
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
  const name = hex(await crypto.subtle.deriveBits(derivation("name"), material, NAME_LENGTH));
  return {
    name,
    async close(text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv },
        key,
        encoder.encode(text),
      );
      return toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    },
    async open(text) {
      const bytes = fromBase64(text);
      const iv = bytes.subarray(0, IV_LENGTH);
      const sealed = bytes.subarray(IV_LENGTH);
      return new TextDecoder().decode(
        await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed),
      );
    },
  };
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
