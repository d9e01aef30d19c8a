import type { OAuthClient } from "./oauth_clients.ts";

/** A running Keycloak. */
export interface Keycloak extends AsyncDisposable {
  /** Makes a realm for an MCP server, with a service account for each of the clients. */
  createRealm(name: string, setup: RealmSetup): Promise<KeycloakRealm>;
}

/** What a realm is made for. */
export interface RealmSetup {
  /** Port that the MCP server will have. */
  readonly resource: string;
  /** Client scopes; a token with one of them is for the resource. */
  readonly scopes: readonly string[];
  /** Clients by secret and by signed JWT. */
  readonly clients: readonly OAuthClient[];
}

/** A realm, as much as `startMcpServer` needs of an authorization server. */
export interface KeycloakRealm extends AsyncDisposable {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
}

/** Where Keycloak is: `KEYCLOAK_URL`, or `KEYCLOAK_HOME` to start one from; else there is none. */
export const keycloakPlace: { url?: string; home?: string } = {
  url: Deno.env.get("KEYCLOAK_URL"),
  home: Deno.env.get("KEYCLOAK_HOME"),
};

/** An administrator, of the running Keycloak or of the one that is started. */
const ADMIN = {
  username: Deno.env.get("KEYCLOAK_ADMIN") ?? "admin",
  password: Deno.env.get("KEYCLOAK_ADMIN_PASSWORD") ?? "admin",
};

/** Connects to the Keycloak at `KEYCLOAK_URL`, or starts the one in `KEYCLOAK_HOME`. */
export async function connectKeycloak(): Promise<Keycloak> {
  const { url, home } = keycloakPlace;
  const started = url === undefined ? await startKeycloak(home!) : undefined;
  const base = (url ?? started!.url).replace(/\/$/, "");
  return {
    createRealm: (name, setup) => createRealm(base, name, setup),
    [Symbol.asyncDispose]: () => started?.stop() ?? Promise.resolve(),
  };
}

async function startKeycloak(home: string) {
  const port = freePort();
  const child = new Deno.Command(`${home}/bin/kc.sh`, {
    args: ["start-dev", "--http-host=127.0.0.1", `--http-port=${port}`, "--db=dev-mem"],
    env: {
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const log = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/started in/.test(text)) {
    const { value, done } = await log.read();
    if (done) throw new Error(`Keycloak did not start:\n${text}`);
    text += value;
  }
  log.cancel();
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function createRealm(
  base: string,
  realm: string,
  { resource, scopes, clients }: RealmSetup,
): Promise<KeycloakRealm> {
  const admin = await administration(base);
  await admin("POST", "", { realm, enabled: true });
  for (const name of scopes) {
    await admin("POST", `/${realm}/client-scopes`, clientScope(name, resource));
  }
  for (const client of clients) {
    await admin("POST", `/${realm}/clients`, serviceAccount(client, scopes));
  }
  const issuer = `${base}/realms/${realm}`;
  return {
    issuer,
    tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
    jwksUri: `${issuer}/protocol/openid-connect/certs`,
    [Symbol.asyncDispose]: () => admin("DELETE", `/${realm}`),
  };
}

/** Keycloak's Admin REST API. */
async function administration(base: string) {
  const body = new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...ADMIN });
  const login = `${base}/realms/master/protocol/openid-connect/token`;
  const { access_token } = await (await fetch(login, { method: "POST", body })).json();
  return async (method: string, path: string, value?: unknown): Promise<void> => {
    const response = await fetch(`${base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: value === undefined ? undefined : JSON.stringify(value),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  };
}

/** Keycloak takes no resource indicators: what a token is for depends on its scopes. */
function clientScope(name: string, resource: string) {
  return {
    name,
    protocol: "openid-connect",
    attributes: { "include.in.token.scope": "true" },
    protocolMappers: [{
      name: "audience",
      protocol: "openid-connect",
      protocolMapper: "oidc-audience-mapper",
      config: { "included.custom.audience": resource, "access.token.claim": "true" },
    }],
  };
}

function serviceAccount(client: OAuthClient, scopes: readonly string[]) {
  const { d: _private, ...publicKey } = client.privateKeyJwk ?? {};
  const byKey = client.method === "private_key_jwt";
  return {
    clientId: client.clientId,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    optionalClientScopes: scopes,
    ...(byKey
      ? { clientAuthenticatorType: "client-jwt" }
      : { clientAuthenticatorType: "client-secret", secret: client.clientSecret }),
    attributes: {
      ...(byKey && {
        "use.jwks.string": "true",
        "jwks.string": JSON.stringify({ keys: [{ ...publicKey, use: "sig" }] }),
        "token.endpoint.auth.signing.alg": "ES256",
      }),
    },
  };
}
