import { assertEquals } from "@std/assert";
import {
  chooseMethod,
  type Credentials,
} from "../../../../src/auth/client/client_authentication.ts";

const source = (text: string) => ({
  get: () => Promise.resolve(text),
  renew: () => Promise.resolve(false),
});
const SECRET: Credentials = { secret: source("s-e_c.r*e~t +%:é") };
const KEY: Credentials = { privateKey: source("") };
const EVERYTHING = ["none", "client_secret_post", "client_secret_jwt", "client_secret_basic"];

for (
  const [credentials, supported, method] of [
    [{ ...SECRET, ...KEY }, [...EVERYTHING, "private_key_jwt"], "private_key_jwt"],
    [{ ...SECRET, ...KEY }, EVERYTHING, "client_secret_basic"],
    [{ ...SECRET, certificate: true }, [...EVERYTHING, "tls_client_auth"], "tls_client_auth"],
    [{ certificate: true }, ["self_signed_tls_client_auth"], "self_signed_tls_client_auth"],
    [SECRET, ["client_secret_jwt", "client_secret_post"], "client_secret_post"],
    [SECRET, ["client_secret_jwt"], "client_secret_jwt"],
    [SECRET, ["none"], "none"],
    [{}, EVERYTHING, "none"],
    [SECRET, ["private_key_jwt", "tls_client_auth"], undefined],
    [{ assertion: () => Promise.resolve("jwt") }, ["private_key_jwt", "none"], "private_key_jwt"],
  ] satisfies [Credentials, string[], string | undefined][]
) {
  const has = Object.keys(credentials).join(" and ") || "nothing";
  Deno.test(`${has}, at a server of ${supported.join(", ")}: ${method}`, () => {
    assertEquals(chooseMethod(credentials, supported)?.method, method);
  });
}

Deno.test("the user's choice comes before the metadata's", () => {
  const { method } = chooseMethod(SECRET, ["client_secret_basic"], "client_secret_post")!;
  assertEquals(method, "client_secret_post");
});

/** What a method makes of a token request. */
async function request(credentials: Credentials, method: string) {
  const form = new URLSearchParams();
  const headers: Record<string, string> = {};
  const chosen = chooseMethod(credentials, [method])!;
  const server = { issuer: "https://one.example" };
  await chosen.authenticate({
    server,
    clientId: "conformance-test-client",
    audience: server.issuer,
    issuedAt: 0,
    form,
    headers,
  });
  return { body: Object.fromEntries(form), authorization: headers.authorization ?? null };
}

Deno.test("client_secret_basic encodes what has to be, and not what servers compare as it is", async () => {
  const { authorization, body } = await request(SECRET, "client_secret_basic");
  const pair = atob(authorization!.replace("Basic ", ""));
  assertEquals(pair, "conformance-test-client:s-e_c.r*e~t+%2B%25%3A%C3%A9");
  assertEquals(body, {});
});

Deno.test("the method none sends only the id, even if a secret is set", async () => {
  const { authorization, body } = await request(SECRET, "none");
  assertEquals(authorization, null);
  assertEquals(body, { client_id: "conformance-test-client" });
});

Deno.test("an assertion of somebody else's is read at each use and sent as it is", async () => {
  let uses = 0;
  const assertion = () => Promise.resolve(`jwt ${++uses}`);
  await request({ assertion }, "private_key_jwt");
  assertEquals((await request({ assertion }, "private_key_jwt")).body, {
    client_id: "conformance-test-client",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: "jwt 2",
  });
});
