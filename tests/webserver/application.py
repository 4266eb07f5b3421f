"""An application whose behaviour its address chooses, for a server that is tested from outside."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

PIECE = 100_000


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await {"/flood": flood, "/listen": listen}[scope["path"]](receive, send)
    elif scope["type"] == "http":
        await {"/slow": slow, "/never": never, "/large": large}[scope["path"]](send)


async def listen(receive: Any, send: Any) -> None:
    """Tells on standard output that its handler of leaving ran to its end."""
    await send({"type": "websocket.send", "text": "hello"})
    while (event := await receive())["type"] != "websocket.disconnect":
        pass
    await asyncio.sleep(0.2)
    say("left", event["code"])


async def flood(receive: Any, send: Any) -> None:
    for number in range(2_000):
        await send({"type": "websocket.send", "bytes": b"x" * PIECE})
        say("sent", number)


async def slow(send: Any) -> None:
    """Takes until something comes on standard input."""
    say("begun")
    await asyncio.to_thread(sys.stdin.readline)
    await answer(send, b"finished")


async def never(send: Any) -> None:
    say("begun")
    await asyncio.sleep(3600)


async def large(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(2_000):
        await send({"type": "http.response.body", "body": b"x" * PIECE, "more_body": True})
        say("sent", number)
    await send({"type": "http.response.body", "body": b""})
    say("complete")


async def answer(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def say(*words: object) -> None:
    print(*words, file=sys.stdout, flush=True)
