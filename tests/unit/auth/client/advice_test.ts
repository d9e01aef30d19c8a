import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Attempt, authorizationServerAdvice } from "../../../../src/auth/client/advice.ts";
import { bareServer } from "../../../../src/auth/tokens/target.ts";
import type { Settings } from "../../../../src/settings/settings.ts";

const ENDPOINT = "https://auth.example.com/token";
const SERVER = { issuer: "https://auth.example.com", token_endpoint: ENDPOINT };

/** The hint for an error code. */
function hint(
  code: string,
  attempt: Partial<Attempt> = {},
  settings: Partial<Settings> = {},
  description?: string,
): string {
  return authorizationServerAdvice(settings).hintFor(code, description, {
    endpoint: ENDPOINT,
    target: { server: SERVER },
    method: "client_secret_basic",
    grantType: "client_credentials",
    hasProof: false,
    isEncoded: false,
    ...attempt,
  }) ?? "";
}

Deno.test("a wrong credential: the hint names the setting that it comes from", () => {
  assertStringIncludes(hint("invalid_client"), "(MCP_CLIENT_SECRET)");
  assertStringIncludes(
    hint("invalid_client", {}, { clientSecretFile: "/secret" }),
    "(MCP_CLIENT_SECRET_FILE)",
  );
  const signed = { method: "private_key_jwt", assertionFor: SERVER.issuer };
  assertStringIncludes(
    hint("invalid_client", signed, { privateKeyCommand: ["pass"] }),
    "MCP_PRIVATE_KEY_COMMAND",
  );
  assertStringIncludes(hint("invalid_client", signed), "MCP_ASSERTION_AUDIENCE=token-endpoint");
});

Deno.test("a refused assertion from a command is not blamed on MCP_PRIVATE_KEY", () => {
  const text = hint("invalid_client", { method: "private_key_jwt" }, {
    assertionCommand: ["kube"],
  });
  assertStringIncludes(text, "MCP_ASSERTION_COMMAND");
  assert(!text.includes("MCP_PRIVATE_KEY"), text);
});

Deno.test("unauthorized_client: the credential comes first, then the grant", () => {
  const text = hint("unauthorized_client");
  assert(text.indexOf("MCP_CLIENT_SECRET") < text.indexOf("allow this client the grant"), text);
});

Deno.test("a server that lists no client_credentials grant is for signed-in users", () => {
  const server = { ...SERVER, grant_types_supported: ["authorization_code", "refresh_token"] };
  for (const code of ["invalid_client", "unsupported_grant_type"]) {
    const text = hint(code, { target: { server } });
    assertStringIncludes(text, "signed-in users");
    assert(text.startsWith(SERVER.issuer), text);
  }
});

Deno.test("a secret that client_secret_basic encodes: the hint names client_secret_post", () => {
  const text = hint("invalid_client", { isEncoded: true });
  assertStringIncludes(text, "do not decode the special characters");
  assertEquals(text.split("MCP_AUTH_METHOD=client_secret_post").length, 2, "named once");
  assert(!hint("invalid_client").includes("special characters"));
});

Deno.test("another method to send the secret is named only if the server accepts it", () => {
  const server = { ...SERVER, token_endpoint_auth_methods_supported: ["client_secret_basic"] };
  assert(!hint("invalid_client", { target: { server } }).includes("MCP_AUTH_METHOD"));
  assert(!hint("invalid_client", { method: "none" }).includes("MCP_AUTH_METHOD"));
  const bare = { target: { server: bareServer(ENDPOINT) }, method: "client_secret_post" };
  assertStringIncludes(hint("invalid_client", bare), "MCP_AUTH_METHOD=client_secret_basic");
});

Deno.test("a server that demands DPoP, or refuses it: the hint names MCP_DPOP", () => {
  const demanded = "The DPoP proof JWT header is missing.";
  assertStringIncludes(hint("invalid_dpop_proof", {}, {}, demanded), "set MCP_DPOP=true");
  assertStringIncludes(
    hint("invalid_request", {}, {}, "DPoP proof is missing"),
    "set MCP_DPOP=true",
  );
  assertStringIncludes(hint("invalid_dpop_proof", { hasProof: true }), "unset MCP_DPOP");
});

Deno.test("invalid_scope and invalid_request say what was sent and where it came from", () => {
  const target = { server: SERVER, scope: "read", resource: "https://mcp.example.com" };
  const text = hint("invalid_scope", { target });
  assertStringIncludes(text, '"read" (the MCP server names it)');
  assertStringIncludes(hint("invalid_scope", { target }, { scope: "read" }), "from MCP_SCOPE");
  assertStringIncludes(hint("invalid_scope"), "had no scope");
  assertStringIncludes(hint("invalid_request", { target }), "https://mcp.example.com");
  assertStringIncludes(hint("invalid_request", { target }), "MCP_RESOURCE=none");
});

Deno.test("scopes with commas: the hint is the same scopes with spaces", () => {
  const target = { server: SERVER, scope: "read,write, admin" };
  assertStringIncludes(hint("invalid_scope", { target }), 'MCP_SCOPE="read write admin"');
});

Deno.test("an unknown error code has no hint", () => {
  assertEquals(hint("access_denied"), "");
  assertEquals(hint("constructor"), "");
});
