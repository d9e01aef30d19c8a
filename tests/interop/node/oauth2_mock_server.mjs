// oauth2-mock-server, with tokens that name the client, the scope and the resource of the request.
// Arguments: the folder that has node_modules.
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const { OAuth2Server } = await import(require.resolve("oauth2-mock-server"));

const port = Number(process.env.PORT);
const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
server.service.on("beforeTokenSigning", ({ payload }, { headers, body }) => {
  const basic = headers.authorization?.replace(/^Basic /, "");
  const [clientId] = basic ? Buffer.from(basic, "base64").toString().split(":") : [body.client_id];
  Object.assign(payload, { client_id: clientId, aud: body.resource, scope: body.scope });
});
server.issuer.url = `http://127.0.0.1:${port}`;
await server.start(port, "127.0.0.1");
server.issuer.url = `http://127.0.0.1:${port}`;
