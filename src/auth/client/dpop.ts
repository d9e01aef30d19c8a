import { unlessFault } from "../../errors.ts";
import { boundedText } from "../../http/http.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../runtime/types.ts";
import { challengesOf } from "../discovery/challenge.ts";
import type { Clock } from "./clock.ts";
import { createDPoPHandle, sendTokenRequestWithProof, sendWithProof } from "../oauth4webapi.ts";
import type { TokenSet } from "../tokens/token_set.ts";
import { MAX_DOCUMENT } from "../../limits.ts";

/** Demonstrating proof of possession (RFC 9449): tokens that only this process can use. */
export interface DPoP {
  /** Sends a request to the MCP server with a token that is bound to the key. */
  send(request: HttpRequest, token: TokenSet): Promise<HttpResponse>;
  /** Sends a token request for such a token. */
  sendTokenRequest(request: HttpRequest, http: HttpClient): Promise<HttpResponse>;
}

/**
 * Creates the key, which cannot be exported from this process.
 *
 * @param http sends to the MCP server
 */
export async function createDPoP(http: HttpClient, clock: Clock): Promise<DPoP> {
  const handle = await createDPoPHandle(clock.now);
  return {
    async send(request, { accessToken }) {
      const first = await sendWithProof(handle, request, accessToken, http);
      if (!wantsNonce(first)) return first;
      await boundedText(first, MAX_DOCUMENT).catch(unlessFault(""));
      return await sendWithProof(handle, request, accessToken, http);
    },
    sendTokenRequest: (request, http) => sendTokenRequestWithProof(handle, request, http),
  };
}

/** Whether a server refused a request because a nonce was missing, which it has sent now. */
function wantsNonce(response: HttpResponse): boolean {
  return challengesOf(response).some(({ scheme, parameters }) =>
    scheme === "dpop" && parameters.error === "use_dpop_nonce"
  );
}
