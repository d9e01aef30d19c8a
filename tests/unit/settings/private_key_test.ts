import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import { importPrivateKey } from "../../../src/settings/private_key.ts";

const newKey = (alg: string) => generateKeyPair(alg, { extractable: true });

for (
  const [alg, name, curve] of [
    ["ES256", "ECDSA", "P-256"],
    ["ES384", "ECDSA", "P-384"],
    ["ES512", "ECDSA", "P-521"],
    ["EdDSA", "Ed25519", undefined],
    ["RS256", "RSASSA-PKCS1-v1_5", undefined],
  ]
) {
  Deno.test(`a key of ${alg} is recognised, as PEM, as PEM in one line, and as a JWK`, async () => {
    const { privateKey } = await newKey(alg!);
    const pem = await exportPKCS8(privateKey);
    const jwk = { ...await exportJWK(privateKey), kid: "key-1", use: "sig" };
    for (const text of [pem, pem.replaceAll("\n", "\\n"), JSON.stringify(jwk)]) {
      const { key } = await importPrivateKey(text);
      const algorithm = key.algorithm as EcKeyAlgorithm;
      assertEquals([algorithm.name, algorithm.namedCurve], [name, curve]);
      assertEquals([key.usages, key.extractable], [["sign"], false]);
    }
    assertEquals((await importPrivateKey(JSON.stringify(jwk))).kid, "key-1");
  });
}

Deno.test("the algorithm of an RSA key comes from the user, the JWK or the server", async () => {
  const { privateKey } = await newKey("RS256");
  const pem = await exportPKCS8(privateKey);
  const jwk = JSON.stringify({ ...await exportJWK(privateKey), alg: "PS384" });
  const algorithmOf = async (...given: Parameters<typeof importPrivateKey>) => {
    const { name, hash } = (await importPrivateKey(...given)).key
      .algorithm as RsaHashedKeyAlgorithm;
    return `${name} ${hash.name}`;
  };
  assertEquals(await algorithmOf(pem, "PS512"), "RSA-PSS SHA-512");
  assertEquals(await algorithmOf(jwk), "RSA-PSS SHA-384");
  assertEquals(await algorithmOf(pem, undefined, ["ES256", "PS256"]), "RSA-PSS SHA-256");
  assertEquals(await algorithmOf(pem, undefined, ["HS256"]), "RSASSA-PKCS1-v1_5 SHA-256");
});

Deno.test("a certificate in the same file gives the key its thumbprint", async () => {
  const { privateKey } = await newKey("ES256");
  const pem = await exportPKCS8(privateKey);
  const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const { thumbprint } = await importPrivateKey(certificate + pem);
  assertEquals(thumbprint, "cJ6AyISHokEeHuTfufIqhhSS0gxHZRUMDHlKvXD4FHw");
  assertEquals((await importPrivateKey(pem)).thumbprint, undefined);
});

Deno.test("a key that cannot be used is refused with an explanation that does not repeat it", async () => {
  const { privateKey, publicKey } = await newKey("ES256");
  const pem = await exportPKCS8(privateKey);
  const { d: _d, ...publicJwk } = await exportJWK(privateKey);
  const as = (label: string) => pem.replaceAll("PRIVATE KEY", label);
  for (
    const [text, why] of [
      ["sesame-open-now", "neither PEM nor a JWK"],
      [as("EC PRIVATE KEY"), "openssl pkcs8 -topk8"],
      [as("RSA PRIVATE KEY"), "openssl pkcs8 -topk8"],
      [as("ENCRYPTED PRIVATE KEY"), "decrypt"],
      [await exportSPKI(publicKey), "not a private key"],
      ['{"kty":', "not JSON"],
      [JSON.stringify(publicJwk), "without a private part"],
      [JSON.stringify({ keys: [] }), "set of keys"],
      ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not an RSA"],
    ]
  ) {
    const error = await assertRejects(() => importPrivateKey(text), Error, why);
    assertEquals(error.message.includes("sesame"), false);
  }
  const error = await assertRejects(() => importPrivateKey(pem, "RS256"), Error);
  assertStringIncludes(error.message, "MCP_PRIVATE_KEY_ALG");
});
