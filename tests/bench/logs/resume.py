"""Lines lost and repeated while everything between producer and viewer is cut, restarted and wiped."""

from __future__ import annotations

import asyncio
import random

from tests.bench import readme
from tests.bench.logs import producer
from tests.bench.logs.place import Place
from tests.bench.logs.viewer import Viewer

COUNT = 20
CUTS = 10
RATE = 500
SECONDS = 24.0
HEAD = ("viewers", "lines each", "cuts", "in the middle", "lost", "repeated")


def table(place: Place) -> str:
    release = place.new_release("resume")
    viewers = [Viewer(place.socket_of(release), place.cookie) for _ in range(COUNT)]
    total = asyncio.run(_disturbed(place, viewers, release.pk))
    lost = sum(viewer.lost + max(0, total - viewer.last) for viewer in viewers)
    cuts = sum(viewer.cuts for viewer in viewers)
    row = (
        COUNT,
        f"{total:,}",
        cuts,
        "a restart of web, an emptied Redis",
        lost,
        sum(each.repeated for each in viewers),
    )
    print(*row, flush=True)
    return readme.table(HEAD, [row])


async def _disturbed(place: Place, viewers: list[Viewer], release_id: int) -> int:
    watching = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    process = await asyncio.to_thread(producer.start, release_id, RATE, SECONDS)
    cutting = [asyncio.create_task(_cut_at_any_time(viewer)) for viewer in viewers]
    await asyncio.sleep(SECONDS / 3)
    await asyncio.to_thread(_restart, place.web)
    await asyncio.sleep(SECONDS / 6)
    await asyncio.to_thread(_restart, place.redis)
    lines = await asyncio.to_thread(producer.end, process)
    await asyncio.wait_for(asyncio.gather(*cutting, *watching), 60)
    return lines


async def _cut_at_any_time(viewer: Viewer) -> None:
    while viewer.cuts < CUTS:
        await asyncio.sleep(random.uniform(0.3, 1.7) * SECONDS / CUTS / 1.3)
        viewer.cut()


def _restart(server: object) -> None:
    server.stop()  # type: ignore[attr-defined]
    server.start()  # type: ignore[attr-defined]
