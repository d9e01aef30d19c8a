"""Tools that ask the client, in the way of each era (Python SDK 2.x)."""

from contextlib import suppress
from typing import Annotated

from anyio import ClosedResourceError
from mcp.server.mcpserver import Context, Elicit, ListRoots, MCPServer, Resolve, Sample
from mcp.types import (
    CreateMessageResult,
    EmptyResult,
    ListRootsResult,
    SamplingMessage,
    SubscribeRequestParams,
    TextContent,
)
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


CLOCK = "note://clock"


def add_tools(server: MCPServer) -> None:
    subscribers = []

    @server.resource(CLOCK)
    def clock() -> str:
        return "noon"

    async def subscribe(context, params: SubscribeRequestParams) -> EmptyResult:
        subscribers.append(context.session)
        return EmptyResult()

    # Before 2026-07-28; the SDK itself answers `subscriptions/listen`.
    server._lowlevel_server.add_request_handler(
        "resources/subscribe", SubscribeRequestParams, subscribe
    )

    @server.tool()
    async def change_resource(ctx: Context) -> str:
        await ctx.notify_resource_updated(CLOCK)
        for session in subscribers:
            with suppress(ClosedResourceError):  # Of a session that has ended.
                await session.send_resource_updated(CLOCK)
        return "changed"

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
