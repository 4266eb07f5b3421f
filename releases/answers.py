"""What visitors of one release got, from counters of the proxy that go on over all releases of a slot."""

from __future__ import annotations

from releases.models import Release
from releases.proxy.base import Proxy, Traffic


def begin_to_count(proxy: Proxy, release: Release) -> None:
    """Call when the release has got its slot and no visitor yet. Raises ProxyError."""
    assert release.slot is not None  # noqa: S101 - as said
    now = proxy.traffic(release.slot)
    release.counted_from = {"run": proxy.started(), "answers": now.answers, "errors": now.errors}
    Release.objects.filter(pk=release.pk).update(counted_from=release.counted_from)


def answers_of(proxy: Proxy, release: Release) -> Traffic:
    """Since it got its slot, or since the proxy's last start if that was later. Raises ProxyError."""
    if release.slot is None:
        return Traffic()
    now, start = proxy.traffic(release.slot), release.counted_from
    if start is None or start["run"] != proxy.started():
        return now
    return Traffic(now.answers - start["answers"], now.errors - start["errors"])
