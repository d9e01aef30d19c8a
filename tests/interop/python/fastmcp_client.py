"""A FastMCP client. Starts the command of its arguments."""

import asyncio
import json
import os
import sys
from functools import partial

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from mcp.client.subscriptions import listen
from notifications import changes, first, keep_listening, logs, on_message, updates, use_again


async def answer_elicitation(message, response_type, params, context):
    return {"name": "Ada"}


async def answer_sampling(messages, params, context):
    return "words"


async def on_log(message):
    data = message.data
    logs.append(data.get("msg") if isinstance(data, dict) else data)


async def main() -> dict:
    transport = StdioTransport(sys.argv[1], sys.argv[2:], env=dict(os.environ), keep_alive=False)
    client = Client(
        transport,
        roots=["file:///work"],
        elicitation_handler=answer_elicitation,
        sampling_handler=answer_sampling,
        log_handler=on_log,
        message_handler=on_message,
    )
    reports = []

    async def progress(done, total, message):
        reports.append(done)

    async def call(name, args=None, **options):
        try:
            return (await client.call_tool(name, args or {}, **options)).content[0].text
        except Exception as error:
            return f"error: {error}"

    async with client:
        # FastMCP does not subscribe itself, which 2026-07-28 needs: the official SDK does it.
        listening = asyncio.create_task(keep_listening(partial(listen, client.session)))
        try:
            await client.set_logging_level("info")
        except Exception:  # Not in each era, nor at each server.
            pass
        seen = {
            "protocol": client.protocol_version,
            "tools": [tool.name for tool in await client.list_tools()],
            "echo": await call("echo", {"text": "Grüße"}),
            "clientId": json.loads(await call("whoami"))["clientId"],
            "countdown": await call("countdown", {"from": 3}, progress_handler=progress),
            "progress": reports,
            "elicitation": await call("ask_name"),
            "sampling": await call("summarize", {"text": "many words"}),
            "roots": await call("roots"),
            "log call": await call("log"),
            "logging": await first(logs),
            "change call": await call("change_tools"),
            "list_changed": await first(changes) is not None,
            "change resource call": await call("change_resource"),
            "updated": await first(updates),
        }
        slow = asyncio.create_task(client.call_tool("slow", {}))
        await asyncio.sleep(0.5)
        slow.cancel()
        await asyncio.sleep(0.5)
        seen["cancelled"] = await call("cancelled")
        seen |= await use_again(call)
        listening.cancel()
        return seen


print(json.dumps(asyncio.run(main())))
