"""A FastMCP server that is an OAuth resource server, or hides the authorization server behind an OAuthProxy.

Argument: remote (RemoteAuthProvider), proxy (OAuthProxy), both (OAuthProxy and a verifier for machines).
"""

import json
import os
import sys

from fastmcp import Context, FastMCP
from fastmcp.server.auth import JWTVerifier, MultiAuth, OAuthProxy, RemoteAuthProvider
from fastmcp.server.dependencies import get_access_token

port = int(os.environ["PORT"])
issuer = os.environ["ISSUER"]
base = f"http://127.0.0.1:{port}"
verifier = JWTVerifier(
    jwks_uri=os.environ["JWKS_URI"],
    issuer=issuer,
    audience=f"{base}/mcp",
    algorithm="ES256",
    required_scopes=["mcp:tools"],
)


def proxy() -> OAuthProxy:
    return OAuthProxy(
        upstream_authorization_endpoint=f"{issuer}/auth",
        upstream_token_endpoint=f"{issuer}/token",
        upstream_client_id="people",
        upstream_client_secret="secret",
        token_verifier=verifier,
        base_url=base,
        jwt_signing_key="a key that only this test uses",
    )


AUTH = {
    "remote": lambda: RemoteAuthProvider(
        token_verifier=verifier, authorization_servers=[issuer], base_url=base
    ),
    "proxy": proxy,
    "both": lambda: MultiAuth(server=proxy(), verifiers={"machines": verifier}),
}
server = FastMCP("fastmcp", auth=AUTH[sys.argv[1]]())


@server.tool
def echo(text: str) -> str:
    return text


@server.tool
def whoami() -> str:
    token = get_access_token()
    return json.dumps({"clientId": token.client_id, "scopes": token.scopes})


@server.tool
async def countdown(ctx: Context, from_: int = 3) -> str:
    for progress in range(1, 4):
        await ctx.report_progress(progress, 3)
    return "Liftoff"


server.run(transport="http", host="127.0.0.1", port=port, show_banner=False)
