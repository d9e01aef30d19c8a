/** Checks certificates and keys (PEM), and says in one line what is wrong with them. */

import type { HttpOptions } from "./types.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const PRIVATE_KEY = /-----BEGIN (RSA |EC )?PRIVATE KEY-----/;
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/**
 * Checks what the runtimes do not check, or explain only in the words of their libraries. They ignore
 * a certificate that they cannot read.
 *
 * @throws {Error} its message in one line for the user
 */
export function checkPem({ ca, cert, key }: HttpOptions): void {
  if (ca !== undefined && !ca.includes(CERTIFICATE)) {
    throw new Error("MCP_CA_FILE: the file contains no PEM certificate");
  }
  if (cert === undefined && key === undefined) return;
  if (!cert?.includes(CERTIFICATE)) {
    throw new Error("MCP_CLIENT_CERT_FILE: the file contains no PEM certificate");
  }
  if (ENCRYPTED_KEY.test(key ?? "")) {
    throw new Error("MCP_CLIENT_KEY_FILE: the key is encrypted; decrypt it first");
  }
  if (!PRIVATE_KEY.test(key ?? "")) {
    throw new Error("MCP_CLIENT_KEY_FILE: the file contains no PEM private key");
  }
}

/**
 * Says in one line what is wrong with certificates that a runtime refuses.
 *
 * @param error what it threw
 */
export function pemProblem(error: unknown): Error {
  const { message, name } = error as Error;
  if (name === "NotCapable") return error as Error; // Deno's word for what is not allowed to us.
  return new Error(
    /mismatch/i.test(message)
      ? "MCP_CLIENT_KEY_FILE: the key does not match the certificate in MCP_CLIENT_CERT_FILE"
      : `MCP_CA_FILE, MCP_CLIENT_CERT_FILE, MCP_CLIENT_KEY_FILE: one cannot be used: ${message}`,
    { cause: error },
  );
}
