"""An MCP client of the official Python SDK, 1.x or 2.x. Starts the command of its arguments."""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from notifications import CLOCK, changes, first, keep_listening, logs, on_message, updates, use_again

try:
    from mcp import Client
except ImportError:
    Client = None
    from mcp import McpError

params = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))


async def answer_elicitation(context, params):
    return types.ElicitResult(action="accept", content={"name": "Ada"})


async def answer_sampling(context, params):
    content = types.TextContent(type="text", text="words")
    return types.CreateMessageResult(role="assistant", model="test-model", content=content)


async def answer_roots(context):
    return types.ListRootsResult(roots=[types.Root(uri="file:///work")])


async def on_log(params):
    logs.append(params.data)


callbacks = {
    "elicitation_callback": answer_elicitation,
    "sampling_callback": answer_sampling,
    "list_roots_callback": answer_roots,
    "logging_callback": on_log,
    "message_handler": on_message,
}


async def use(session, cancel) -> dict:
    reports = []

    async def progress(done, total, message):
        reports.append(done)

    async def call(name, args=None):
        try:
            return (await session.call_tool(name, args or {})).content[0].text
        except Exception as error:
            return f"error: {error}"

    seen = {
        "tools": [tool.name for tool in (await session.list_tools()).tools],
        "echo": await call("echo", {"text": "Grüße"}),
        "clientId": json.loads(await call("whoami"))["clientId"],
    }
    countdown = await session.call_tool("countdown", {"from": 3}, progress_callback=progress)
    seen |= {"countdown": countdown.content[0].text, "progress": reports}
    seen["log call"] = await call("log")
    seen["logging"] = await first(logs)
    seen["elicitation"] = await call("ask_name")
    seen["sampling"] = await call("summarize", {"text": "many words"})
    seen["roots"] = await call("roots")
    seen["change call"] = await call("change_tools")
    seen["list_changed"] = await first(changes) is not None
    seen["change resource call"] = await call("change_resource")
    seen["updated"] = await first(updates)
    slow = asyncio.create_task(session.call_tool("slow", {}))
    await asyncio.sleep(0.5)
    await cancel(slow)
    await asyncio.sleep(0.5)
    seen["cancelled"] = await call("cancelled")
    return seen | await use_again(call)


async def use_2() -> dict:
    async def cancel(call):
        call.cancel()

    client = Client(stdio_client(params), log_level="info", **callbacks)
    async with client:
        listening = asyncio.create_task(keep_listening(client.listen))
        seen = {"protocol": client.protocol_version, **await use(client, cancel)}
        listening.cancel()
        return seen


async def use_1() -> dict:
    async with stdio_client(params) as (read, write):
        async with ClientSession(read, write, **callbacks) as session:
            started = await session.initialize()
            try:
                await session.set_logging_level("info")
            except McpError:  # This SDK's servers have no such method, and send everything.
                pass
            await session.subscribe_resource(CLOCK)

            async def cancel(call):
                # This SDK does not tell the server if a call is cancelled.
                cancelled = types.CancelledNotificationParams(requestId=session._request_id - 1)
                notification = types.CancelledNotification(
                    method="notifications/cancelled", params=cancelled
                )
                await session.send_notification(types.ClientNotification(notification))
                call.cancel()

            return {"protocol": started.protocolVersion, **await use(session, cancel)}


print(json.dumps(asyncio.run(use_2() if Client else use_1())))
