"""What a producer leaves in the live window, without the producer."""

from __future__ import annotations

from releases.logs import window
from releases.logs.lines import Block
from releases.logs.showing import Showing, write


class Left:
    """As of a producer that was killed."""

    def __init__(self, stream_id: int) -> None:
        self._showing = Showing(stream_id)

    def lines(self, block: Block) -> None:
        with window.connect() as client:
            assert write(client, [(self._showing, self._showing.lines(block))]) == [None]

    def progress(self, last: int, source: str, text: str) -> None:
        progress = self._showing.progress(last, [(source, text)])
        assert progress
        with window.connect() as client:
            assert write(client, [(self._showing, progress)]) == [None]
