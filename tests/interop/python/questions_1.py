"""Tools that ask the client, by requests of the server (Python SDK 1.x)."""

from contextlib import suppress

from anyio import ClosedResourceError
from mcp.server.fastmcp import Context, FastMCP
from mcp.types import SamplingMessage, TextContent
from pydantic import BaseModel


class Name(BaseModel):
    name: str


CLOCK = "note://clock"


def add_tools(server: FastMCP) -> None:
    subscribers = []

    @server.resource(CLOCK)
    def clock() -> str:
        return "noon"

    @server._mcp_server.subscribe_resource()
    async def subscribe(uri) -> None:
        subscribers.append(server._mcp_server.request_context.session)

    @server.tool()
    async def change_resource() -> str:
        for session in subscribers:
            with suppress(ClosedResourceError):  # Of a session that has ended.
                await session.send_resource_updated(CLOCK)
        return "changed"

    @server.tool()
    async def ask_name(ctx: Context) -> str:
        answer = await ctx.elicit("What is your name?", Name)
        return f"Hello, {answer.data.name}"

    @server.tool()
    async def summarize(text: str, ctx: Context) -> str:
        question = TextContent(type="text", text=f"Sum up: {text}")
        answer = await ctx.session.create_message(
            [SamplingMessage(role="user", content=question)],
            max_tokens=100,
            related_request_id=ctx.request_id,
        )
        return f"In short: {answer.content.text}"

    @server.tool()
    async def roots(ctx: Context) -> str:
        return str((await ctx.session.list_roots()).roots[0].uri)

    @server.tool()
    async def change_tools(ctx: Context) -> str:
        await ctx.session.send_tool_list_changed()
        return "changed"
