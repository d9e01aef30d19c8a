import * as oauth from "oauth4webapi";
import type { AuthorizationServer } from "./authorization_server.ts";

/** A running MCP server that takes tokens only with a proof of possession. */
export interface DPoPServer extends AsyncDisposable {
  readonly url: string;
  /** `jti` of every proof that came with a valid token. */
  readonly proofs: string[];
  /** From now on a proof needs another nonce. */
  changeNonce(): void;
}

/**
 * Starts an MCP server whose tokens are bound to the client's key (RFC 9449), and whose proofs need a
 * nonce of its own (section 9). It answers `initialize` and, to anything else, an empty result.
 */
export function startDPoPServer(authorization: AuthorizationServer): DPoPServer {
  const proofs: string[] = [];
  let nonce = crypto.randomUUID();
  const { jwksUri, issuer } = authorization;
  const server: oauth.AuthorizationServer = { issuer, jwks_uri: jwksUri };

  async function refusalOf(request: Request): Promise<Response | undefined> {
    const proof = request.headers.get("dpop");
    try {
      const { method, headers } = request;
      const seen = new Request(request.url, { method, headers });
      await oauth.validateJwtAccessToken(server, seen, url, {
        requireDPoP: true,
        [oauth.allowInsecureRequests]: true,
      });
    } catch {
      return unauthorized(`error="invalid_token"`);
    }
    const claims = JSON.parse(atob(proof!.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    if (claims.nonce !== nonce) return unauthorized(`error="use_dpop_nonce"`);
    if (proofs.includes(claims.jti)) return unauthorized(`error="invalid_dpop_proof"`);
    proofs.push(claims.jti);
  }

  function unauthorized(why: string): Response {
    const metadata = new URL("/.well-known/oauth-protected-resource/mcp", url);
    return new Response(null, {
      status: 401,
      headers: {
        "www-authenticate": `DPoP ${why}, algs="ES256", resource_metadata="${metadata}"`,
        "dpop-nonce": nonce,
      },
    });
  }

  const listener = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const http: Deno.HttpServer<Deno.NetAddr> = Deno.serve(listener, async (request) => {
    if (request.url.includes("/.well-known/")) {
      return Response.json({ resource: url, authorization_servers: [issuer] });
    }
    const refusal = await refusalOf(request);
    if (refusal) return refusal;
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, params } = await request.json();
    if (id === undefined) return new Response(null, { status: 202 });
    const { protocolVersion = "2025-11-25" } = params ?? {};
    const serverInfo = { name: "dpop", version: "1" };
    const result = { protocolVersion, capabilities: {}, serverInfo };
    return Response.json({ jsonrpc: "2.0", id, result });
  });
  const url = `http://127.0.0.1:${http.addr.port}/mcp`;
  authorization.protect(url, ["mcp:tools"]);
  return {
    url,
    proofs,
    changeNonce: () => nonce = crypto.randomUUID(),
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}
