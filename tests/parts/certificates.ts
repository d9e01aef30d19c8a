import "reflect-metadata";
import {
  BasicConstraintsExtension,
  type Extension,
  type JsonGeneralName,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate with its private key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority as companies have their own: nobody trusts it who is not told to. */
export interface CertificateAuthority extends Identity {
  /** Issues a certificate for host names and IP addresses, or for a client with any name. */
  issue(...names: string[]): Promise<Identity>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/**
 * Makes an authority with a key of its own.
 *
 * @param hosts host names and IP addresses of its certificate, if a server uses it as its own
 */
export async function createAuthority(
  name = "Test CA",
  ...hosts: string[]
): Promise<CertificateAuthority> {
  const authority = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: `CN=${name}`,
    keys: authority,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      ...hosts.length > 0 ? [alternativeNames(hosts)] : [],
    ],
  });

  async function issue(...names: string[]): Promise<Identity> {
    const keys = await createKeys();
    const issued = await X509CertificateGenerator.create({
      ...validity(),
      subject: `CN=${names[0]}`,
      issuer: certificate.subject,
      publicKey: keys.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(false), alternativeNames(names)],
    });
    return { cert: issued.toString("pem"), key: await keyOf(keys) };
  }

  return { cert: certificate.toString("pem"), key: await keyOf(authority), issue };
}

function createKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

async function keyOf({ privateKey }: CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
}

/** From yesterday, for clocks that differ, until tomorrow. */
function validity() {
  const now = Date.now();
  const serialNumber = crypto.randomUUID().replaceAll("-", "").replace(/^./, "1");
  return { serialNumber, notBefore: new Date(now - DAY), notAfter: new Date(now + DAY) };
}

function alternativeNames(names: readonly string[]): Extension {
  const typed = names.map((value): JsonGeneralName => (
    { type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value }
  ));
  return new SubjectAlternativeNameExtension(typed);
}
