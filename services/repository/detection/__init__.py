"""What an application in a repository is, and how it is built and started: proposals, each with its reason."""

from services.repository.detection.detect import detect
from services.repository.detection.types import Detection, Proposal

__all__ = ["Detection", "Proposal", "detect"]
