"""Diagnoses a failure and keeps what came of it with the release."""

from __future__ import annotations

import logging
import time

from releases.diagnosis.cause import Cause, Confidence, Finding
from releases.diagnosis.gather import Case, gather
from releases.diagnosis.judge import judge
from releases.models import Diagnosis

logger = logging.getLogger(__name__)

MAX_SHORTCUTS = 5
LONGEST_SENTENCE = 500
LONGEST_EVIDENCE = 400  # characters of one line


def diagnose(case: Case) -> None:
    """Right after the failure, before anything is removed. Nothing that goes wrong here keeps a release from ending."""
    failed = time.monotonic()
    try:
        cause, finding = judge(gather(case))
        _keep(case, cause, finding, failed)
        _tell(case, finding)
    except Exception:
        logger.exception("%s could not be diagnosed.", case.release)


def _keep(case: Case, cause: Cause, finding: Finding, failed: float) -> None:
    """Everything that is shown has gone through the mask of the log."""
    shown = case.log.masked
    Diagnosis.objects.update_or_create(
        release=case.release,
        defaults={
            "cause": cause.code,
            "confidence": finding.confidence.name.lower(),
            "sentence": shown(finding.sentence)[:LONGEST_SENTENCE],
            "evidence": [[line.number, line.text[:LONGEST_EVIDENCE]] for line in finding.evidence],
            "shortcuts": [shortcut.as_json() for shortcut in finding.shortcuts[:MAX_SHORTCUTS]],
            "seconds": time.monotonic() - failed,
        },
    )


def _tell(case: Case, finding: Finding) -> None:
    """In the log too, for those who read nothing else; where it is more than the stage has said itself."""
    word = {Confidence.HIGH: "Cause", Confidence.MEDIUM: "Likely cause"}.get(finding.confidence)
    if word and finding.sentence not in case.failure.reason:
        case.log.say(f"{word}: {finding.sentence}")
