"""An MCP client of the official Python SDK, 1.x or 2.x. Starts the command of its arguments."""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

try:
    from mcp import Client
except ImportError:
    Client = None

params = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))


async def use(session) -> dict:
    reports = []

    async def progress(done, total, message):
        reports.append(done)

    tools = [tool.name for tool in (await session.list_tools()).tools]
    echo = await session.call_tool("echo", {"text": "Grüße"})
    who = await session.call_tool("whoami", {})
    countdown = await session.call_tool("countdown", {"from": 3}, progress_callback=progress)
    return {
        "tools": tools,
        "echo": echo.content[0].text,
        "clientId": json.loads(who.content[0].text)["clientId"],
        "countdown": countdown.content[0].text,
        "progress": reports,
    }


async def main() -> None:
    if Client:
        async with Client(stdio_client(params)) as client:
            result = {"protocol": client.protocol_version, **await use(client)}
    else:
        async with stdio_client(params) as (read, write):
            async with ClientSession(read, write) as session:
                started = await session.initialize()
                result = {"protocol": started.protocolVersion, **await use(session)}
    print(json.dumps(result))


asyncio.run(main())
