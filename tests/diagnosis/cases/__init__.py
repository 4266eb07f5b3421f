"""The corpus: small broken repositories, made by functions, for each cause that can be produced on one machine.

Not among them are causes that need a registry, a full disk or a fault of the platform itself; those are tried with
recorded facts in `test_catalogue`.
"""

from tests.diagnosis.cases import build, dependencies, dockerfile, health, listening, repository, run, start
from tests.diagnosis.cases.case import Case

CASES: tuple[Case, ...] = (
    *repository.CASES,
    *dockerfile.CASES,
    *dependencies.CASES,
    *build.CASES,
    *start.CASES,
    *run.CASES,
    *listening.CASES,
    *health.CASES,
)
# One of each kind, each quick: for every run of the tests.
SHORT = ("branch-misspelt", "requirements-in-a-folder", "variable-missing", "python-error", "python-elsewhere")
