"""Broken in where the code is looked for."""

from tests.diagnosis.cases.case import DOCKERFILE, OWN, Case, python, serving

CASES = (
    Case("branch-misspelt", "branch-missing", python(), {"branch": "mian"}, clicks=True),
    Case("branch-of-old", "branch-missing", python(), {"branch": "master"}, clicks=True),
    Case(
        "subfolder-misspelt",
        "subfolder-missing",
        {"web/run.py": serving(), "web/requirements.txt": ""},
        {"subfolder": "wbe"},
        clicks=True,
    ),
    Case(
        "dockerfile-in-a-folder",
        "dockerfile-missing",
        {"docker/Dockerfile": DOCKERFILE, "run.py": serving()},
        OWN,
        clicks=True,
    ),
    Case(
        "dockerfile-in-small-letters",
        "dockerfile-missing",
        {"dockerfile": DOCKERFILE, "run.py": serving()},
        OWN,
        clicks=True,
    ),
    Case("no-repository", "repository-not-found", {}, url="file://{root}/nothing-here"),
    Case("repository-without-commits", "repository-empty", {}),
    Case("no-access", "authentication-refused", python(), url="{server}no-access"),
    Case("host-that-is-not", "host-not-resolvable", {}, url="https://git.kintohub.invalid/shop.git"),
)
