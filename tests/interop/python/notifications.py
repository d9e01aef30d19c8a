"""The notifications of the server, for the client programs."""

import asyncio
import sys

CLOCK = "note://clock"
logs = []
changes = []
updates = []


async def on_message(message):
    message = getattr(message, "root", message)
    if "ToolListChanged" in type(message).__name__:
        changes.append(message)
    if "ResourceUpdated" in type(message).__name__:
        updates.append(str(message.params.uri))


async def keep_listening(listen):
    """Opens a subscription, again when it is lost, as 2026-07-28 wants of clients.

    Argument: the SDK's function that opens a subscription of 2026-07-28.
    """
    while True:
        try:
            async with listen(
                tools_list_changed=True, resource_subscriptions=[CLOCK]
            ) as subscription:
                async for event in subscription:
                    if "ToolsListChanged" in type(event).__name__:
                        changes.append(event)
                    else:
                        updates.append(event.uri)
        except Exception as error:
            print(f"The subscription was lost: {error}", file=sys.stderr)
        await asyncio.sleep(0.2)


async def first(notifications):
    """Waits for a notification, which may come after the answer."""
    for _ in range(40):
        if notifications:
            return notifications[0]
        await asyncio.sleep(0.05)
    return None


async def use_again(call) -> dict:
    """Has the server started again, and tells what works then. Argument: calls a tool."""
    print("restart", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    seen = {"restart": await call("echo", {"text": "again"})}
    updates.clear()
    # The subscription is opened again after a pause.
    for _ in range(5):
        await call("change_resource")
        if await first(updates):
            break
    return seen | {"updated_again": await first(updates)}
