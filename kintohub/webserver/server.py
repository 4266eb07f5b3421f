"""What Daphne lacks: sending that waits for the client, and an end that cuts nobody off.

Daphne's own `send` never blocks, and on SIGTERM it cancels every application and cuts every connection.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from typing import Any

import daphne.server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred

from kintohub.webserver.flow import Flow
from kintohub.webserver.socket import Socket

logger = logging.getLogger(__name__)

TICK = 0.05
SERVICE_RESTART = 1012  # RFC 6455's registry: the client should come back
GOODBYE = b"The server restarts."


class Server(daphne.server.Server):  # type: ignore[misc]
    """On SIGTERM or SIGINT: no new connection, sockets are told to come back, and what runs may finish.

    `application_close_timeout` bounds that, in seconds.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._ports: list[Any] = []
        self._last_transports: set[Any] = set()

    def run(self) -> None:
        gc.freeze()  # the code that is loaded by now need not be looked through while somebody waits for a line
        super().run()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self.ws_factory.protocol = Socket
        self._ports.append(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        transport = protocol.transport
        flow = self.connections[protocol]["flow"] = Flow(transport)
        if scope["type"] == "websocket":
            transport.unregisterProducer()  # the HTTP channel's, which is out of the game after the upgrade
            transport.registerProducer(flow, True)
        else:
            protocol.registerProducer(flow, True)
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if details := self.connections.get(protocol):
            await details["flow"].room()
        await super().handle_reply(protocol, message)

    def kill_all_applications(self) -> Deferred[None]:
        """Daphne calls this before the reactor stops, which waits for it."""
        return Deferred.fromFuture(asyncio.ensure_future(self._leave()))

    async def _leave(self) -> None:
        for port in self._ports:
            port.stopListening()
        until = time.monotonic() + self.application_close_timeout
        while time.monotonic() < until:
            self._say_goodbye()
            if not self._running() and all(transport.disconnected for transport in self._last_transports):
                return
            await asyncio.sleep(TICK)
        left = self._running()
        logger.warning("%s applications did not end in time and are cancelled.", len(left))
        for application in left:
            application.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _say_goodbye(self) -> None:
        """Also to those that came over a connection that was open already."""
        for protocol, details in list(self.connections.items()):
            if "disconnected" in details:
                continue
            if isinstance(protocol, WebSocketProtocol):
                if protocol.state == protocol.STATE_OPEN:
                    protocol.sendCloseFrame(code=SERVICE_RESTART, reasonUtf8=GOODBYE)
            elif protocol.channel is not None:
                protocol.channel.persistent = False
                self._last_transports.add(protocol.transport)

    def _running(self) -> list[asyncio.Future[Any]]:
        applications = [details.get("application_instance") for details in self.connections.values()]
        return [each for each in applications if each is not None and not each.done()]
