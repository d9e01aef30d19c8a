import { assertEquals, assertThrows } from "@std/assert";
import { checkPem, pemProblem } from "../../../src/runtime/pem.ts";

const CERT = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n";

Deno.test("certificates and keys in PEM form are accepted with other text around them", () => {
  checkPem({});
  checkPem({ ca: `# our own\n${CERT}${CERT}` });
  checkPem({ ca: CERT, cert: CERT + CERT, key: KEY });
  checkPem({ cert: CERT, key: KEY.replaceAll("PRIVATE", "EC PRIVATE") });
  checkPem({ cert: CERT, key: KEY.replaceAll("PRIVATE", "RSA PRIVATE") });
});

/** What is wrong, and a word of the line that says so. */
const WRONG = {
  "authorities without a certificate": [
    { ca: "DER?" },
    "MCP_CA_FILE: the file contains no PEM cert",
  ],
  "a client certificate without a key": [
    { cert: CERT },
    "MCP_CLIENT_KEY_FILE: the file contains no PEM private key",
  ],
  "a key without a client certificate": [
    { key: KEY },
    "MCP_CLIENT_CERT_FILE: the file contains no PEM cert",
  ],
  "a public key for the private one": [
    { cert: CERT, key: KEY.replaceAll("PRIVATE", "PUBLIC") },
    "MCP_CLIENT_KEY_FILE: the file contains no PEM private key",
  ],
  "an encrypted key": [
    { cert: CERT, key: KEY.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") },
    "MCP_CLIENT_KEY_FILE: the key is encrypted",
  ],
  "an encrypted key of the old form": [
    { cert: CERT, key: "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" },
    "MCP_CLIENT_KEY_FILE: the key is encrypted",
  ],
} as const;

for (const [what, [options, line]] of Object.entries(WRONG)) {
  Deno.test(`${what} is refused in words for people`, () => {
    assertThrows(() => checkPem(options), Error, line);
  });
}

Deno.test("a key of another certificate gets its own error on Deno and on Node", () => {
  for (const words of ["keys may not be consistent: KeyMismatch", "key values mismatch"]) {
    assertEquals(
      pemProblem(new Error(words)).message,
      "MCP_CLIENT_KEY_FILE: the key does not match the certificate in MCP_CLIENT_CERT_FILE",
    );
  }
});
