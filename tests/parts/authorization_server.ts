import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type * as OidcProvider from "oidc-provider/types";
import { History } from "./history.ts";
import { type ClientAuthMethod, createClients, type OAuthClient } from "./oauth_clients.ts";
import { oidcConfiguration } from "./oidc_configuration.ts";
import { Provider } from "./oidc_provider.ts";

/** Where metadata can be found: RFC 8414 (section 3), OpenID Connect Discovery (section 4). */
export type MetadataPlace = "oauth" | "openid" | "openid-appended";

/** Settings of {@linkcode startAuthorizationServer}. */
export interface AuthorizationServerOptions {
  /** Lifetime of access tokens in seconds. @default {300} */
  readonly tokenLifetime?: number;
  /** Path of the issuer, such as `/realms/test`. @default {""} */
  readonly path?: string;
  /** Where metadata is served; nowhere for `[]`. @default {["oauth", "openid", "openid-appended"]} */
  readonly metadataAt?: readonly MetadataPlace[];
  /** Whether DPoP proofs need a nonce of the server (RFC 9449, section 8). @default {false} */
  readonly dpopNonce?: boolean;
  /** Clients beside the one per authentication method. @default {[]} */
  readonly clients?: readonly OAuthClient[];
  /** Port on 127.0.0.1, to come back at the same place; 0 takes a free one. @default {0} */
  readonly port?: number;
}

/** One request to the token endpoint, as the authorization server understood it. */
export interface TokenRequest {
  /** Undefined where the request named no client that is known. */
  readonly clientId?: string;
  readonly grantType?: string;
  readonly scope?: string;
  readonly resource?: string;
  /** Whether the request carried a DPoP proof. */
  readonly dpop: boolean;
  /** HTTP status of the answer. */
  readonly status: number;
  /** OAuth error code of the answer, if it was one. */
  readonly error?: string;
}

/** A running authorization server. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  /** A registered client for each client authentication method. */
  readonly clients: Readonly<Record<ClientAuthMethod, OAuthClient>>;
  /** Every HTTP request; `count((r) => r.path.endsWith("/jwks"))` and the like. */
  readonly requests: History<{ readonly method: string; readonly path: string }>;
  /** Every answered request to the token endpoint. */
  readonly tokenRequests: History<TokenRequest>;
  /**
   * Lets clients have tokens for this resource (RFC 8707); others get `invalid_target`. The first one is
   * what a token is for that was asked for without a resource.
   *
   * @param resource identifier, the `aud` of its tokens
   * @param scopes that can be granted for it
   */
  protect(resource: string, scopes: readonly string[]): void;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/**
 * Starts the certified `oidc-provider` for machine clients on 127.0.0.1: client credentials grant
 * (RFC 6749, section 4.4), resource indicators (RFC 8707), JWT access tokens (RFC 9068), DPoP (RFC 9449).
 */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> {
  const { path = "", metadataAt = ["oauth", "openid", "openid-appended"] } = options;
  const clients = await createClients();
  const resources = new Map<string, readonly string[]>();
  const requests: AuthorizationServer["requests"] = new History("authorization server requests");
  const tokenRequests = new History<TokenRequest>("token requests");

  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = origin + path;

  const provider = new Provider(
    issuer,
    await oidcConfiguration({
      ...options,
      clients: [...Object.values(clients), ...options.clients ?? []],
      resources,
    }),
  );
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as Partial<OidcProvider.KoaContextWithOIDC>;
    if (oidc?.route === "token") tokenRequests.record(tokenRequest(ctx, oidc));
  });
  const answer = provider.callback();
  const route = routes(path, metadataAt);
  server.on("request", (request: MountedRequest, response) => {
    requests.record({ method: request.method!, path: request.url! });
    const url = route(request.url!);
    if (url === undefined) return void response.writeHead(404).end();
    request.originalUrl = path + url;
    request.url = url;
    answer(request, response);
  });

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    jwksUri: `${issuer}/jwks`,
    clients,
    requests,
    tokenRequests,
    protect: (resource, scopes) => void resources.set(resource, scopes),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `originalUrl` is what tells oidc-provider the path that it is mounted at. */
type MountedRequest = IncomingMessage & { originalUrl?: string };

/** From the URL on the wire to the URL inside oidc-provider, undefined where nothing is. */
function routes(path: string, metadataAt: readonly MetadataPlace[]) {
  const oauth = "/.well-known/oauth-authorization-server";
  const openid = "/.well-known/openid-configuration";
  const places: Record<MetadataPlace, readonly [onTheWire: string, inside: string]> = {
    "oauth": [oauth + path, oauth],
    "openid": [openid + path, openid],
    "openid-appended": [path + openid, openid],
  };
  const metadata = new Map(metadataAt.map((place) => places[place]));
  return (url: string) => {
    if (url.includes("/.well-known/")) return metadata.get(url);
    return url.startsWith(`${path}/`) ? url.slice(path.length) : undefined;
  };
}

function tokenRequest(
  ctx: Pick<OidcProvider.KoaContextWithOIDC, "get" | "status" | "body">,
  { client, params }: OidcProvider.KoaContextWithOIDC["oidc"],
): TokenRequest {
  const text = (name: string) => params?.[name] as string | undefined;
  return {
    clientId: client?.clientId,
    grantType: text("grant_type"),
    scope: text("scope"),
    resource: text("resource"),
    dpop: ctx.get("dpop") !== "",
    status: ctx.status,
    error: (ctx.body as { error?: string } | undefined)?.error,
  };
}
