import { assertEquals } from "@std/assert";
import { IDENTITY_PROVIDER } from "../../../../src/auth/client/advice.ts";
import { createClock } from "../../../../src/auth/client/clock.ts";
import { createIdentityExchange } from "../../../../src/auth/grants/enterprise_managed.ts";
import { createSecret } from "../../../../src/auth/client/secret_source.ts";
import { createTokenClient } from "../../../../src/auth/tokens/token_client.ts";
import { SILENT } from "../../../../src/log/log.ts";
import type { HttpRequest } from "../../../../src/runtime/types.ts";
import { fakeHttp } from "../../../parts/fake_http.ts";

const IDP = "https://idp.example.com";
const TARGET = { server: { issuer: "https://auth.example.com" } };

/** The request of a token exchange at an identity provider that is known so. */
async function exchanged(known: { issuer?: string; tokenEndpoint?: string }) {
  let asked: HttpRequest | undefined;
  const { http } = fakeHttp({
    [`${IDP}/.well-known/oauth-authorization-server`]: () =>
      Response.json({ issuer: IDP, token_endpoint: `${IDP}/token` }),
    [`${IDP}/token`]: (request) => {
      asked = request;
      return Response.json({
        access_token: "id-jag",
        issued_token_type: "urn:ietf:params:oauth:token-type:id-jag",
        token_type: "N_A",
      });
    },
  });
  const secret = createSecret(() => Promise.resolve("secret"), () => {});
  const exchange = createIdentityExchange(
    {
      ...known,
      client: createTokenClient({
        clientId: "client",
        credentials: { secret },
        timeout: 25_000,
        advice: IDENTITY_PROVIDER,
        clock: createClock(SILENT),
        http,
        log: SILENT,
      }),
      identity: () => Promise.resolve("id-token"),
      identityType: "id_token",
    },
    http,
    { allowHttp: false, allowPrivateAddresses: false },
  );
  assertEquals(await exchange(TARGET, 25_000), "id-jag");
  return { headers: new Headers(asked!.headers), form: new URLSearchParams(String(asked!.body)) };
}

Deno.test("an identity provider whose metadata lists no methods gets the default, client_secret_basic", async () => {
  const { headers, form } = await exchanged({ issuer: IDP });
  assertEquals(headers.get("authorization"), `Basic ${btoa("client:secret")}`);
  assertEquals(form.has("client_secret"), false);
});

Deno.test("an identity provider that is known by its token endpoint alone gets client_secret_post", async () => {
  const { headers, form } = await exchanged({ tokenEndpoint: `${IDP}/token` });
  assertEquals(headers.get("authorization"), null);
  assertEquals(form.get("client_secret"), "secret");
});
