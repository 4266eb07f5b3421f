"""What a comparison found: a sentence, and what makes it right."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from releases.engine.base import EngineError
from releases.ledger import NoFreeSlot
from releases.proxy.base import ProxyError
from services.models import record

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    FOUND = "found"
    REPAIRED = "repaired"
    GONE = "gone by itself"
    FAILED = "not repaired"


@dataclass
class Finding:
    """`problem` and `remedy` are sentences. `repair` looks again first, and says whether there was something to do.

    Without a `repair` it is for people to know.
    """

    subject: str
    problem: str
    remedy: str = ""
    repair: Callable[[], bool] | None = None
    outcome: Outcome = Outcome.FOUND

    def carry_out(self) -> None:
        """Repair, and keep for operators that it was. What fails is found again by the next run."""
        if self.repair is None:
            return
        try:
            self.outcome = Outcome.REPAIRED if self.repair() else Outcome.GONE
        except (EngineError, ProxyError, NoFreeSlot) as error:
            self.outcome = Outcome.FAILED
            self.problem = f"{self.problem} It could not be repaired: {error or type(error).__name__}"
            logger.warning("%s: %s", self.subject, self.problem)
        if self.outcome is Outcome.REPAIRED:
            record(None, "reconcile", self.subject, f"{self.problem} {self.remedy}".strip())
