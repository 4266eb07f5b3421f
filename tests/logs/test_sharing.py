"""Questions that many ask at once."""

from __future__ import annotations

import asyncio

import pytest

from releases.logs.sharing import Sharing


class Source:
    """Answers with the number of its runs; `gate` holds answers back."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()

    async def read(self, stream: int) -> tuple[int, int]:
        self.runs += 1
        run = self.runs
        await self.gate.wait()
        if stream < 0:
            raise LookupError(stream)
        return stream, run


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_while_it_runs_gets_a_newer_answer_and_shares_it() -> None:
    source, shared = Source(), Sharing()
    first = [asyncio.create_task(shared.ask(source.read, 7)) for _ in range(3)]
    await settle()
    later = [asyncio.create_task(shared.ask(source.read, 7)) for _ in range(3)]
    await settle()
    assert source.runs == 1
    source.gate.set()
    assert await asyncio.gather(*first) == [(7, 1)] * 3
    assert await asyncio.gather(*later) == [(7, 2)] * 3
    assert await shared.ask(source.read, 7) == (7, 3)


async def test_other_questions_do_not_wait() -> None:
    source, shared = Source(), Sharing()
    source.gate.set()
    assert await asyncio.gather(shared.ask(source.read, 1), shared.ask(source.read, 2)) == [(1, 1), (2, 2)]


async def test_an_error_reaches_all_who_asked_and_nobody_after_them() -> None:
    source, shared = Source(), Sharing()
    source.gate.set()
    answers = await asyncio.gather(*(shared.ask(source.read, -1) for _ in range(2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError] * 2
    assert source.runs == 1
    with pytest.raises(LookupError):
        await shared.ask(source.read, -1)
    assert source.runs == 2


async def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    source, shared = Source(), Sharing()
    leaver, stayer = (asyncio.create_task(shared.ask(source.read, 7)) for _ in range(2))
    await settle()
    leaver.cancel()
    await settle()
    source.gate.set()
    assert await stayer == (7, 1)
    assert leaver.cancelled()
