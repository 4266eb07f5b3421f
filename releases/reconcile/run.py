"""One run over both sides: first the engine, then the proxy, which is told what the engine has now.

It may run beside deploys. What a release in work or being drained has made is left to its worker, and every repair
reads the release again right before it acts; also after, where a deploy could take the same thing in that moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from releases import platform
from releases.alone import alone
from releases.engine.base import Engine, EngineError
from releases.proxy.base import Proxy, ProxyError
from releases.reconcile.answering import wait_for_started
from releases.reconcile.finding import Finding, Outcome
from releases.reconcile.leftovers import leftovers
from releases.reconcile.missing import missing
from releases.reconcile.orphans import orphans
from releases.reconcile.routes import routes


def reconcile(apply: bool) -> list[Finding]:
    """What differs, and what became of it. Without `apply` nothing is changed. Raises Busy.

    A side that does not answer is one of the findings; nothing of it is changed, and the next run repairs it.
    """
    with alone("reconcile"):
        engine, proxy = platform.engine(), platform.proxy()
        return [*_engine_side(engine, proxy, apply), *_proxy_side(engine, proxy, apply)]


def reconcile_routes() -> list[Finding]:
    """The proxy's side alone, repaired: its routes are what a restart of it may have lost. Raises Busy, ProxyError."""
    with alone("reconcile"):
        found = list(routes(platform.engine(), platform.proxy()))
        _carry_out(found)
        return found


def _engine_side(engine: Engine, proxy: Proxy, apply: bool) -> list[Finding]:
    asked = timezone.now()
    try:
        seen = engine.instances()
        found = [*orphans(engine, seen), *missing(engine, proxy, seen, asked), *leftovers(engine, seen)]
    except EngineError as error:
        return [Finding("engine", f"It could not be compared, and nothing was changed: {error}")]
    if apply and _carry_out(found):
        wait_for_started(engine, asked)
    return found


def _proxy_side(engine: Engine, proxy: Proxy, apply: bool) -> list[Finding]:
    try:
        found = list(routes(engine, proxy))
    except ProxyError as error:
        return [Finding("proxy", f"It could not be compared, and nothing was changed: {error}")]
    if apply:
        _carry_out(found)
    return found


def _carry_out(found: Iterable[Finding]) -> bool:
    """Whether anything was repaired."""
    for finding in found:
        finding.carry_out()
    return any(finding.outcome is Outcome.REPAIRED for finding in found)
