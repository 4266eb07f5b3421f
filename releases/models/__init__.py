"""What happened: releases, their stages, artifacts, instances, logs, and the ledger of resources."""

from releases.models.artifact import Artifact
from releases.models.diagnosis import Certainty, Diagnosis
from releases.models.instance import Instance
from releases.models.log import LogChunk, LogStream
from releases.models.measurement import InstanceUsage, Measurement
from releases.models.proof import Proof
from releases.models.release import Release
from releases.models.resource import Resource, ResourceKind
from releases.models.stage import Stage, StageRun, StageStatus
from releases.models.status import Status, Trigger
from releases.models.waiting import WaitingRelease

__all__ = [
    "Artifact",
    "Certainty",
    "Diagnosis",
    "Instance",
    "InstanceUsage",
    "LogChunk",
    "LogStream",
    "Measurement",
    "Proof",
    "Release",
    "Resource",
    "ResourceKind",
    "Stage",
    "StageRun",
    "StageStatus",
    "Status",
    "Trigger",
    "WaitingRelease",
]
