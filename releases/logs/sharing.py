"""Many viewers of one log ask the same in the same moment: it is asked once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Answer = TypeVar("Answer")
Question = tuple[Callable[..., Awaitable[Any]], tuple[Hashable, ...]]


class Sharing:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[Question, asyncio.Task[Any]] = {}
        self._turns: WeakValueDictionary[Question, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, function: Callable[..., Awaitable[Answer]], *arguments: Hashable) -> Answer:
        """What the function answers. It is called after this was, so that the answer is never older than the question.

        Who asks while it runs waits for its next run, together with all others who do. Raises what the function raises.
        """
        question = (function, arguments)
        if question not in self._waiting:
            self._waiting[question] = task = asyncio.create_task(self._answer(question))
            task.add_done_callback(_look_at)
        answer: Answer = await asyncio.shield(self._waiting[question])
        return answer

    async def _answer(self, question: Question) -> Any:
        turn = self._turns.setdefault(question, asyncio.Lock())
        async with turn:
            del self._waiting[question]
            function, arguments = question
            return await function(*arguments)


def _look_at(task: asyncio.Task[Any]) -> None:
    """All who asked may be gone: then nobody else looks at its error, which asyncio would complain about."""
    if not task.cancelled():
        task.exception()
