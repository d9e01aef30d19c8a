import { assert, assertStringIncludes } from "@std/assert";
import {
  authorizationServerAdvice,
  IDENTITY_PROVIDER,
} from "../../../../src/auth/client/advice.ts";
import { redirected, refusal } from "../../../../src/auth/client/token_errors.ts";

const AUTHORIZATION_SERVER = authorizationServerAdvice({});

/** The error for a redirect of this endpoint. */
function redirectOf(endpoint: string, location: string, advice = AUTHORIZATION_SERVER) {
  return redirected({ endpoint, status: 308, contentType: "", text: "" }, location, advice).message;
}

Deno.test("the error for a redirect names the location to set", () => {
  assertStringIncludes(
    redirectOf("https://auth.example.com/token", "/token/"),
    "set MCP_AUTH_SERVER_URL=https://auth.example.com/token/",
  );
  assertStringIncludes(
    redirectOf("https://idp.example.com/token", "https://login.example.com/t", IDENTITY_PROVIDER),
    "set MCP_IDP_TOKEN_URL=https://login.example.com/t",
  );
});

Deno.test("a redirect of an https endpoint to http leads to no advice that sends the secret in cleartext", () => {
  const message = redirectOf("https://auth.example.com/token", "http://auth.example.com/token/");
  assertStringIncludes(message, "set MCP_AUTH_SERVER_URL=https://auth.example.com/token/");
  assert(!message.includes("=http://"));
});

Deno.test("a location that is not a URL is shown as it is", () => {
  assertStringIncludes(redirectOf("https://auth.example.com/token", "https://"), "to https://");
});

/** The error for an OAuth error from a server that is known by its token endpoint. */
function refusalOf(status: number, code: string, text = JSON.stringify({ error: code })) {
  const endpoint = "https://auth.example.com/realms/test";
  return refusal(
    { endpoint, status, contentType: "application/json", text },
    { code },
    AUTHORIZATION_SERVER,
    {
      endpoint,
      target: { server: { issuer: endpoint, token_endpoint: endpoint } },
      method: "client_secret_post",
      grantType: "client_credentials",
      hasProof: false,
      isEncoded: false,
    },
  );
}

Deno.test("404, 405 and codes that no RFC knows mean that this is probably not the token endpoint", () => {
  for (
    const [status, code] of [
      [405, "HTTP 405 Method Not Allowed"],
      [404, "Realm does not exist"],
      [404, "invalid_request"],
      [400, "unknown_path"],
    ] as const
  ) {
    const { message, hint, details } = refusalOf(status, code);
    assertStringIncludes(message, "probably not the token endpoint");
    assertStringIncludes(message, code);
    assertStringIncludes(hint!, "MCP_AUTH_SERVER_URL");
    assert(!("oauthError" in details), "it is not an OAuth error");
  }
  assert(refusalOf(401, "invalid_client").details.oauthError === "invalid_client");
});
