"""What HAProxy counts, from the rows of `show stat`. Tried on HAProxy 2.6."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from releases.proxy.base import Served, Traffic
from releases.proxy.haproxy import config

ANSWERS = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other")
COUNTED = (*ANSWERS, "srv_abrt")
WINDOW = 1024  # answers that the average of a server is over, at most (TIME_STATS_SAMPLES)
WHOLE = "BACKEND"

Row = Mapping[str, str]


def traffic(row: Mapping[str, int]) -> Traffic:
    """From a backend's row: a server's own leaves out the 503s and refused connections.

    A 5xx counts whoever made it: the application, or HAProxy for a broken (502), missing (503) or late (504)
    answer. srv_abrt is what the instance broke off after its answer had begun.
    """
    return Traffic(sum(row[name] for name in ANSWERS), row["hrsp_5xx"] + row["srv_abrt"])


def served(rows: list[dict[str, str]]) -> dict[int, Served]:
    """By slot; slots that have neither servers nor answers are left out."""
    totals: dict[int, Traffic] = {}
    servers: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        number = config.number_of(row["pxname"])
        if row["svname"] == WHOLE:
            totals[number] = traffic(_counts(row))
        elif row["status"] != "MAINT":  # taken out, and about to be deleted
            servers[number].append(row)
    return {
        number: Served(total, _average(servers[number]), _answering(servers[number]))
        for number, total in totals.items()
        if number in servers or total != Traffic()
    }


def _counts(row: Row) -> dict[str, int]:
    return {name: int(row[name] or 0) for name in COUNTED}


def _average(servers: list[Row]) -> float | None:
    """Of rtime, the time until an answer's head was there. A backend's own goes on over all releases of its slot."""
    weighted = [(min(traffic(_counts(row)).answers, WINDOW), int(row["rtime"] or 0)) for row in servers]
    answers = sum(weight for weight, _ in weighted)
    return sum(weight * time for weight, time in weighted) / answers / 1000 if answers else None


def _answering(servers: list[Row]) -> dict[str, bool]:
    """A status is like UP, `UP 1/2` (one failed check), `DOWN 1/2`; of a server that is drained it says nothing."""
    return {
        row["svname"].partition(".")[2]: row["status"].startswith("UP")
        for row in servers
        if row["status"].startswith(("UP", "DOWN"))
    }
