import { assert, assertStringIncludes } from "@std/assert";
import {
  AUTHORIZATION_SERVER,
  IDENTITY_PROVIDER,
  redirected,
} from "../../../../src/auth/client/advice.ts";

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
