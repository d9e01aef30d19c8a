/**
 * The only file that uses oauth4webapi, with every workaround for it: signed client assertions and
 * DPoP proofs. Requests are sent by the proxy's own HTTP client.
 */

import * as oauth from "oauth4webapi";
import { CLOCK_TOLERANCE } from "./client/clock.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../runtime/types.ts";

export type { AuthorizationServer } from "oauth4webapi";

/** What a client assertion says (RFC 7523 section 3). */
export interface AssertionClaims {
  /** Issuer and subject. */
  readonly clientId: string;
  /** The server that the assertion is for. */
  readonly audience: string;
  /** When it is made, in seconds since 1970. */
  readonly issuedAt: number;
}

/** Seconds after which an assertion is not valid any more. */
const LIFETIME = 60;

/** What signs an assertion. */
export interface AssertionKey {
  /** Private key. */
  readonly key: CryptoKey;
  /** Header parameters in addition to `alg`, or instead of it. */
  header(alg: string): Readonly<Record<string, string | undefined>>;
}

/** Signs a client assertion with a private key (`private_key_jwt`). */
export function signAssertion(
  { key, header }: AssertionKey,
  claims: AssertionClaims,
): Promise<string> {
  return assertionOf(
    oauth.PrivateKeyJwt(key, {
      [oauth.modifyAssertion](known, payload) {
        Object.assign(known, header(String(known.alg)));
        Object.assign(payload, timesOf(claims));
      },
    }),
    claims,
  );
}

/** Signs a client assertion with the client secret (`client_secret_jwt`). */
export function signAssertionWithSecret(secret: string, claims: AssertionClaims): Promise<string> {
  const authenticate = oauth.ClientSecretJwt(secret, {
    [oauth.modifyAssertion]: (_header, payload) => Object.assign(payload, timesOf(claims)),
  });
  return assertionOf(authenticate, claims);
}

/** An assertion is valid a little earlier than it is made, for servers whose clocks are behind. */
function timesOf({ issuedAt }: AssertionClaims) {
  const start = issuedAt - CLOCK_TOLERANCE;
  return { iat: start, nbf: start, exp: issuedAt + LIFETIME };
}

/** The library hands out assertions only in the form of a token request. */
async function assertionOf(
  authenticate: oauth.ClientAuth,
  { clientId, audience }: AssertionClaims,
): Promise<string> {
  const form = new URLSearchParams();
  // The cast is safe: assertions set no header. Creating `Headers` would load all of Node's fetch.
  await authenticate({ issuer: audience }, { client_id: clientId }, form, undefined as never);
  return form.get("client_assertion") ?? "";
}

/** The key that tokens are bound to, and the nonces of each server (RFC 9449). */
export type DPoPHandle = oauth.DPoPHandle;

/** Makes a key that cannot be taken out of this process. @param now seconds since 1970, for the proofs */
export async function createDPoPHandle(now: () => number): Promise<DPoPHandle> {
  return oauth.DPoP({}, await oauth.generateKeyPair("ES256"), {
    [oauth.modifyAssertion]: (_header, payload) => Object.assign(payload, { iat: now() }),
  });
}

/** Sends a token request with a DPoP proof, and remembers the nonce of the response. */
export async function sendTokenRequestWithProof(
  handle: DPoPHandle,
  request: HttpRequest,
  http: HttpClient,
): Promise<HttpResponse> {
  let response: HttpResponse | undefined;
  await oauth.genericTokenEndpointRequest(
    { issuer: request.url, token_endpoint: request.url },
    { client_id: "-" },
    () => {},
    "-",
    new URLSearchParams(),
    {
      DPoP: handle,
      // Cleartext URLs are refused where they come in, by the settings and by discovery.
      [oauth.allowInsecureRequests]: true,
      async [oauth.customFetch](_url, { headers: { dpop } }) {
        response = await http({ ...request, headers: { ...request.headers, dpop } });
        return seenByLibrary(response);
      },
    },
  );
  return sent(response);
}

/** The response to a request that the library has sent. */
function sent(response: HttpResponse | undefined): HttpResponse {
  if (!response) throw new TypeError("oauth4webapi has sent no request");
  return response;
}

/** Sends a request to a protected resource with a DPoP token and a proof, and remembers the nonce. */
export async function sendWithProof(
  handle: DPoPHandle,
  request: HttpRequest,
  accessToken: string,
  http: HttpClient,
): Promise<HttpResponse> {
  let response: HttpResponse | undefined;
  await oauth.protectedResourceRequest(
    accessToken,
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
        return seenByLibrary(response);
      },
    },
  );
  return sent(response);
}

/** The longest nonce that is repeated, in characters. Real ones have less than a hundred. */
const MAX_NONCE = 4_096;

/**
 * The part of a response that the library needs: the nonce. The challenge is not for it, since its
 * parser takes quadratic time, and neither is the status, since a `Response` cannot have every status
 * that a server can send.
 */
function seenByLibrary({ headers }: HttpResponse): Response {
  const seen = new Headers();
  const nonce = headers.get("dpop-nonce");
  if (nonce !== null && nonce.length <= MAX_NONCE) seen.set("dpop-nonce", nonce);
  return new Response(null, { headers: seen });
}
