"""A WebSocket of the server."""

from __future__ import annotations

from daphne.ws_protocol import WebSocketProtocol


class Socket(WebSocketProtocol):  # type: ignore[misc]
    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802
        """Autobahn words a debug message for each frame, logged or not: a quarter of what sending one costs."""
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
        else:
            self.transport.write(data)
