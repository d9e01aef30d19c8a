import type { SecureContext } from "node:tls";
import { builtin } from "./builtins.ts";
import { checkPem, pemProblem } from "../pem.ts";
import type { HttpOptions } from "../types.ts";

/**
 * The certificate authorities and the client certificate of TLS connections; `undefined` for Node's
 * defaults.
 *
 * @throws {Error} if the certificates or the key cannot be used, in one line for the user
 */
export function secureContext(options: HttpOptions): SecureContext | undefined {
  const { ca, cert, key } = options;
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  checkPem(options);
  const tls = builtin("node:tls");
  try {
    // Node ignores authorities that it cannot parse, but not client certificates.
    if (ca !== undefined) tls.createSecureContext({ cert: ca });
    const all = ca === undefined ? undefined : [...defaultRoots(), ca];
    return tls.createSecureContext({ ca: all, cert, key });
  } catch (error) {
    throw pemProblem(error);
  }
}

/** The authorities that Node trusts by default; setting `ca` replaces them all. */
function defaultRoots(): readonly string[] {
  const tls = builtin("node:tls");
  // From Node 22.15 on; it knows `--use-system-ca` and the like.
  if (tls.getCACertificates) return tls.getCACertificates("default");
  const extra = builtin("node:process").env.NODE_EXTRA_CA_CERTS;
  return extra ? [...tls.rootCertificates, textOf(extra)] : tls.rootCertificates;
}

/** A file that cannot be read is ignored, as Node does; Node has warned about it at its start. */
function textOf(path: string): string {
  try {
    return builtin("node:fs").readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
