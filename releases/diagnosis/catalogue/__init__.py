"""The catalogue: an entry for each cause that is known, by subject. The documentation is made from it."""

from releases.diagnosis.catalogue import (
    build,
    dependencies,
    dockerfile,
    health,
    listening,
    platform,
    repository,
    run,
    start,
    unknown,
)
from releases.diagnosis.cause import Cause

SUBJECTS: tuple[tuple[str, tuple[Cause, ...]], ...] = (
    ("Repository", repository.CAUSES),
    ("Dockerfile and base images", dockerfile.CAUSES),
    ("Dependencies", dependencies.CAUSES),
    ("Build", build.CAUSES),
    ("Start", start.CAUSES),
    ("While it runs", run.CAUSES),
    ("Where it listens", listening.CAUSES),
    ("Health path", health.CAUSES),
    ("The platform", platform.CAUSES),
    ("Nothing of these", unknown.CAUSES),
)
# Of equally sure findings the first counts, so particular causes come before general ones.
CATALOGUE: tuple[Cause, ...] = tuple(cause for _, causes in SUBJECTS for cause in causes)
