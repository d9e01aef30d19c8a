import { fromBase64, toBase64Url } from "../json/base64.ts";

/** A private key that client assertions are signed with (RFC 7523). */
export interface SigningKey {
  /** The key, which can only be used for signing. */
  readonly key: CryptoKey;
  /** `kid` of the JWK, if it has one. */
  readonly kid?: string;
  /** `x5t#S256` if the PEM also contains the certificate (RFC 7515 section 4.1.8). */
  readonly thumbprint?: string;
}

const RSA = (name: string, bits: number) => ({ name, hash: `SHA-${bits}` });
const EC = (namedCurve: string) => ({ name: "ECDSA", namedCurve });

/** What a key is imported as, by JWS algorithm (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
const IMPORTS: ReadonlyMap<string, { name: string }> = new Map(Object.entries({
  ES256: EC("P-256"),
  ES384: EC("P-384"),
  ES512: EC("P-521"),
  Ed25519: { name: "Ed25519" },
  EdDSA: { name: "Ed25519" },
  RS256: RSA("RSASSA-PKCS1-v1_5", 256),
  PS256: RSA("RSA-PSS", 256),
  RS384: RSA("RSASSA-PKCS1-v1_5", 384),
  PS384: RSA("RSA-PSS", 384),
  RS512: RSA("RSASSA-PKCS1-v1_5", 512),
  PS512: RSA("RSA-PSS", 512),
}));

/**
 * Reads a private key: PKCS#8 in PEM, or a JWK.
 *
 * An RSA key fits several algorithms. It is used with the first one in the table above that the
 * authorization server lists. RS256 comes first, since most clients are registered with it.
 *
 * @param text PEM or JWK
 * @param algorithm JWS algorithm that the user or the JWK asks for
 * @param supported JWS algorithms that the authorization server lists
 * @throws {Error} that says what is wrong, and nothing of the key
 */
export async function importPrivateKey(
  text: string,
  algorithm?: string,
  supported?: readonly string[],
): Promise<SigningKey> {
  const jwk = text.trimStart().startsWith("{") ? parseJwk(text) : undefined;
  const pem = jwk ? undefined : parsePem(text);
  const wanted = algorithm ?? jwk?.alg;
  const all = [...IMPORTS.keys()];
  const candidates = wanted ? [wanted] : [
    ...all.filter((name) => supported?.includes(name)),
    ...all,
  ];
  for (const name of candidates) {
    const parameters = IMPORTS.get(name);
    if (!parameters) throw new Error(`${name} is not a supported signature algorithm`);
    try {
      // The key's own `alg`, `use` and `key_ops` would be compared with what is asked for here.
      const key = pem ? await importKey("pkcs8", pem.key, parameters) : await importKey(
        "jwk",
        { ...jwk, alg: undefined, use: undefined, key_ops: undefined },
        parameters,
      );
      return { key, kid: jwk?.kid, thumbprint: pem && await thumbprint(pem.certificate) };
    } catch {
      // Not a key of this algorithm.
    }
  }
  throw new Error(
    wanted
      ? `the key does not fit ${wanted}; check MCP_PRIVATE_KEY_ALG`
      : "not an RSA, EC (P-256, P-384, P-521) or Ed25519 key",
  );
}

function importKey(
  format: "jwk" | "pkcs8",
  data: JsonWebKey | Uint8Array<ArrayBuffer>,
  parameters: { readonly name: string },
): Promise<CryptoKey> {
  // The overloads of the method know one format each.
  return crypto.subtle.importKey(
    format as "jwk",
    data as JsonWebKey,
    parameters,
    false,
    [
      "sign",
    ],
  );
}

function parseJwk(text: string): JsonWebKey & { kid?: string } {
  let jwk;
  try {
    jwk = JSON.parse(text);
  } catch {
    throw new Error("starts like a JWK but is not JSON");
  }
  if (Array.isArray(jwk.keys)) throw new Error("is a set of keys; use a single key");
  if (typeof jwk.d !== "string") throw new Error("is a JWK without a private part (d)");
  return jwk;
}

/** Other formats that OpenSSL writes, and how to convert them. */
const OTHER_PEM: readonly (readonly [label: RegExp, problem: string])[] = [
  [/^ENCRYPTED/, "is encrypted; decrypt it with: openssl pkcs8 -in key.pem -out plain.pem"],
  [
    /^(RSA|EC) PRIVATE/,
    "is not PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem",
  ],
  [/PUBLIC|CERTIFICATE/, "is not a private key"],
];

function parsePem(
  text: string,
): { key: Uint8Array<ArrayBuffer>; certificate?: Uint8Array<ArrayBuffer> } {
  // A variable often has its line breaks as \n.
  const pem = text.replaceAll("\\n", "\n");
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END/g)];
  const key = blocks.find(([, label]) => label.includes("PRIVATE")) ?? blocks[0];
  if (!key) throw new Error("neither PEM nor a JWK");
  const other = OTHER_PEM.find(([pattern]) => pattern.test(key[1]));
  if (other) throw new Error(other[1]);
  const certificate = blocks.find(([, label]) => label === "CERTIFICATE");
  return { key: bytesOf(key[2]), certificate: certificate && bytesOf(certificate[2]) };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return fromBase64(base64.replace(/\s/g, ""));
  } catch {
    throw new Error("is a PEM whose base64 is broken");
  }
}

async function thumbprint(
  certificate: Uint8Array<ArrayBuffer> | undefined,
): Promise<string | undefined> {
  if (!certificate) return undefined;
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", certificate)));
}
