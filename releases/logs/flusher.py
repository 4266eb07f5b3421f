"""Carries a log's lines to the live window and to the database, each at its own pace."""

from __future__ import annotations

from releases.logs.lines import Line, Mark
from releases.logs.to_store import LAST_TRY, StoreLoad, ToStore
from releases.logs.to_window import Redrawn, ToWindow, WindowLoad

STORE_WAIT = 2.0
JOIN_STORE = LAST_TRY + 40.0  # SQLite waits up to 30 s for its lock
JOIN_WINDOW = 10.0  # several times its time-outs


class Carriers:
    """A thread for each sink, which any number of logs may share."""

    def __init__(self) -> None:
        self.to_store = ToStore()
        self.to_window = ToWindow()


class Flusher:
    """`last` is the last line of the stream so far; `redrawn` gives source and text of the progress lines as of now.

    `store_wait`: seconds between two chunks in the database. A write there can take long (SQLite has one lock for all
    writers), and viewers must not wait for it.
    """

    def __init__(
        self, stream_id: int, carriers: Carriers, last: int, redrawn: Redrawn = list, store_wait: float = STORE_WAIT
    ) -> None:
        self._to_store, self._to_window = carriers.to_store, carriers.to_window
        self._for_store = StoreLoad(stream_id, last, store_wait)
        self._for_window = WindowLoad(stream_id, last, redrawn, lambda: self._for_store.is_closed)
        self._to_store.take(self._for_store)
        self._to_window.take(self._for_window)

    def add(self, lines: list[Line], *, may_be_redrawn: bool = False) -> None:
        self._to_window.add(self._for_window, lines)
        self._to_store.add(self._for_store, lines)
        if may_be_redrawn:
            self._to_window.redraw(self._for_window)

    def note(self, mark: Mark) -> None:
        """Write it into the database, soon, but after all lines that were added before."""
        self._to_store.note(self._for_store, mark)

    @property
    def is_behind(self) -> bool:
        """More waits for the database than memory should hold: a producer that can wait should."""
        return self._for_store.is_behind

    def close(self) -> None:
        """Returns when everything is written, or when the database has failed for a minute.

        The database first: who hears of the end from the window finds it true there.
        """
        self._to_store.finish(self._for_store, JOIN_STORE)
        self._to_window.finish(self._for_window, JOIN_WINDOW)
