import * as oauth from "oauth4webapi";
import { boundedText } from "../../http/http.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../runtime/types.ts";
import type { Token } from "../tokens/token_source.ts";

/** Bytes of a refusal's body that are read, so that the connection can be used again. */
const MAX_REFUSAL = 1 << 20;

/** Demonstrating proof of possession (RFC 9449): tokens that are of use to this process only. */
export interface DPoP {
  /** The key, and the nonces of each server. */
  readonly handle: oauth.DPoPHandle;
  /** Sends a request to the MCP server with a token that is bound to the key. */
  send(request: HttpRequest, token: Token): Promise<HttpResponse>;
}

/**
 * Makes a key that this process alone has, and that cannot be taken out of it.
 *
 * @param http sends to the MCP server
 */
export async function createDPoP(http: HttpClient): Promise<DPoP> {
  const handle = oauth.DPoP({}, await oauth.generateKeyPair("ES256"));

  /** One request; `wantsNonce` tells that it was refused because the nonce was missing, which is known now. */
  async function attempt(request: HttpRequest, token: Token) {
    let response: HttpResponse;
    let wantsNonce = false;
    try {
      await oauth.protectedResourceRequest(
        token.value,
        request.method,
        new URL(request.url),
        undefined,
        undefined,
        {
          DPoP: handle,
          [oauth.allowInsecureRequests]: true,
          async [oauth.customFetch](_url, { headers: { authorization, dpop } }) {
            response = await http({
              ...request,
              headers: { ...request.headers, authorization, dpop },
            });
            return withoutBody(response);
          },
        },
      );
    } catch (error) {
      if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
      wantsNonce = oauth.isDPoPNonceError(error);
    }
    return { response: response!, wantsNonce };
  }

  return {
    handle,
    async send(request, token) {
      const first = await attempt(request, token);
      if (!first.wantsNonce) return first.response;
      await boundedText(first.response, MAX_REFUSAL).catch(() => {});
      return (await attempt(request, token)).response;
    },
  };
}

/** What the library looks at; the body stays with the proxy, as it arrives. */
function withoutBody({ status, headers }: HttpResponse): Response {
  const seen = new Headers();
  for (const name of ["dpop-nonce", "www-authenticate"]) {
    const value = headers.get(name);
    if (value !== null) seen.set(name, value);
  }
  return new Response(null, { status: status === 101 ? 500 : status, headers: seen });
}
