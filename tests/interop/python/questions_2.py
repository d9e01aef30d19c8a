"""Tools that ask the client, in the way of each era (Python SDK 2.x)."""

from typing import Annotated

from mcp.server.mcpserver import Context, Elicit, ListRoots, MCPServer, Resolve, Sample
from mcp.types import CreateMessageResult, ListRootsResult, SamplingMessage, TextContent
from pydantic import BaseModel


class Name(BaseModel):
    name: str


def ask_for_name() -> Elicit[Name]:
    return Elicit("What is your name?", Name)


def ask_for_summary(text: str) -> Sample:
    question = TextContent(type="text", text=f"Sum up: {text}")
    return Sample([SamplingMessage(role="user", content=question)], max_tokens=100)


def ask_for_roots() -> ListRoots:
    return ListRoots()


def add_tools(server: MCPServer) -> None:
    @server.tool()
    def ask_name(answer: Annotated[Name, Resolve(ask_for_name)]) -> str:
        return f"Hello, {answer.name}"

    @server.tool()
    def summarize(
        text: str, answer: Annotated[CreateMessageResult, Resolve(ask_for_summary)]
    ) -> str:
        return f"In short: {answer.content.text}"

    @server.tool()
    def roots(answer: Annotated[ListRootsResult, Resolve(ask_for_roots)]) -> str:
        return str(answer.roots[0].uri)

    @server.tool()
    async def change_tools(ctx: Context) -> str:
        await ctx.notify_tools_changed()
        if ctx.protocol_version < "2026-07-28":
            await ctx.session.send_tool_list_changed()
        return "changed"
