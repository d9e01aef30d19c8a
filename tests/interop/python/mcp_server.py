"""An MCP server of the official Python SDK, 1.x or 2.x, that is an OAuth resource server."""

import asyncio
import json
import os

import jwt
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

try:
    from mcp.server.mcpserver import Context, MCPServer
except ImportError:
    MCPServer = None
    from mcp.server.fastmcp import Context, FastMCP

port = int(os.environ["PORT"])
issuer = os.environ["ISSUER"]
url = f"http://127.0.0.1:{port}/mcp"
keys = jwt.PyJWKClient(os.environ["JWKS_URI"])


class Verifier:
    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            key = keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, algorithms=["ES256", "RS256"], audience=url, issuer=issuer)
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            resource=url,
        )


auth = AuthSettings(issuer_url=issuer, resource_server_url=url, required_scopes=["mcp:tools"])
if MCPServer:
    server = MCPServer("python", token_verifier=Verifier(), auth=auth)
else:
    server = FastMCP("python", token_verifier=Verifier(), auth=auth, port=port)


@server.tool()
def echo(text: str) -> str:
    return text


@server.tool()
def whoami() -> str:
    token = get_access_token()
    return json.dumps({"clientId": token.client_id, "scopes": token.scopes})


@server.tool()
async def countdown(ctx: Context, from_: int = 3) -> str:
    for progress in range(1, 4):
        await ctx.report_progress(progress, 3)
    return "Liftoff"


@server.tool()
async def log(ctx: Context) -> str:
    await ctx.warning("a message")
    return "logged"


cancelled_calls = []


@server.tool()
async def slow() -> str:
    try:
        await asyncio.sleep(20)
    except asyncio.CancelledError:
        cancelled_calls.append("slow")
        raise
    return "done"


@server.tool()
def cancelled() -> str:
    return str(len(cancelled_calls))


if MCPServer:
    import questions_2 as questions
else:
    import questions_1 as questions
questions.add_tools(server)

if MCPServer:
    server.run("streamable-http", port=port)
else:
    server.run("streamable-http")
