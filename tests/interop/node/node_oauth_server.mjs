// @node-oauth/oauth2-server in a plain HTTP server: /token, /introspect and metadata (RFC 8414), which
// the library leaves to its users.
// Arguments: the folder that has node_modules.
import { createRequire } from "node:module";
import { createServer } from "node:http";

const require = createRequire(`${process.argv[2]}/`);
const OAuth2Server = require("@node-oauth/oauth2-server");

const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
const secrets = JSON.parse(process.env.CLIENTS);
const tokens = new Map();

const server = new OAuth2Server({
  model: {
    getClient: (id, secret) =>
      secrets[id] === secret ? { id, grants: ["client_credentials"] } : undefined,
    getUserFromClient: ({ id }) => ({ id }),
    validateScope: (_user, _client, scope) =>
      scope?.every((each) => each === "mcp:tools") ? scope : false,
    saveToken(token, client, user) {
      const saved = { ...token, client, user };
      tokens.set(token.accessToken, saved);
      return saved;
    },
    getAccessToken: (token) => tokens.get(token),
  },
});

async function answerToken({ method, headers }, body, response) {
  const request = new OAuth2Server.Request({ method, headers, query: {}, body });
  const answer = new OAuth2Server.Response({ headers: {} });
  try {
    await server.token(request, answer);
  } catch (error) {
    answer.status ??= error.code;
  }
  response.writeHead(answer.status, { ...answer.headers, "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
}

function introspect({ token }) {
  const known = tokens.get(token);
  return known
    ? {
      active: true,
      client_id: known.client.id,
      scope: known.scope?.join(" "),
      exp: known.accessTokenExpiresAt.getTime() / 1000,
    }
    : { active: false };
}

createServer(async (request, response) => {
  const chunks = await request.toArray();
  const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
  const json = (value) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (request.url === "/token") return answerToken(request, body, response);
  if (request.url === "/introspect") return json(introspect(body));
  if (request.url === "/.well-known/oauth-authorization-server") {
    return json({
      issuer,
      token_endpoint: `${issuer}/token`,
      response_types_supported: [],
      grant_types_supported: ["client_credentials"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    });
  }
  response.writeHead(404).end();
}).listen(port, "127.0.0.1");
