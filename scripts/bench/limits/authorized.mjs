import process from "node:process";

/**
 * POST to the MCP server with a token, which is fetched now.
 *
 * @param client `http` for node:http, else the runtime's fetch
 */
export async function authorized(client) {
  const { post } = await import(client === "http" ? "./http_client.mjs" : "./fetch_client.mjs");
  const env = process.env;
  const form = "application/x-www-form-urlencoded";
  const credentials = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: env.MCP_CLIENT_ID,
    client_secret: env.MCP_CLIENT_SECRET,
  });
  const token = await post(env.MCP_AUTH_SERVER_URL, { "Content-Type": form }, `${credentials}`);
  const headers = {
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
    "Authorization": `Bearer ${JSON.parse(await token.text()).access_token}`,
  };
  return (body) => post(env.MCP_SERVER_URL, headers, body);
}
