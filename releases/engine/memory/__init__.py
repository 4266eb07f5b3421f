"""An engine without a process: the same contract, for tests and demonstrations."""

from releases.engine.memory.behaviour import Behaviour
from releases.engine.memory.engine import MemoryEngine

__all__ = ["Behaviour", "MemoryEngine"]
