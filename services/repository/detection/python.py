"""Python: Django, FastAPI, Flask, or a program of its own."""

from __future__ import annotations

import re

from services.repository.detection.types import Commands, Proposal, first, port_in
from services.repository.files import Files

MANIFESTS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py")
PROGRAMS = ("main.py", "app.py", "run.py", "server.py", "application.py", "api.py", "hello.py", "index.py")
APPLICATION = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Flask)\(", re.MULTILINE)


def applies(files: Files) -> str:
    return first(files, *MANIFESTS, *PROGRAMS)


def commands(files: Files) -> Commands:
    return Commands(_build(files), *_start(files))


def _build(files: Files) -> Proposal:
    if files.has("requirements.txt"):
        return Proposal("pip install -r requirements.txt", "The packages are listed in requirements.txt.")
    if files.has("uv.lock"):
        return Proposal("pip install uv && uv sync --frozen", "The packages are locked in uv.lock.")
    if files.has("poetry.lock"):
        install = "poetry config virtualenvs.create false && poetry install --no-root --only main"
        return Proposal(f"pip install poetry && {install}", "The packages are locked in poetry.lock.")
    if files.has("Pipfile"):
        return Proposal("pip install pipenv && pipenv install --system --deploy", "The packages are listed in Pipfile.")
    manifest = first(files, "pyproject.toml", "setup.py")
    if manifest:
        return Proposal("pip install .", f"{manifest} describes a package.")
    return Proposal("", "No list of packages was found, so there is nothing to build.")


def _start(files: Files) -> tuple[Proposal | None, Proposal | None]:
    run = "uv run " if files.has("uv.lock") and not files.has("requirements.txt") else ""
    if files.has("manage.py"):
        return _django(files, run)
    for path in PROGRAMS:
        if match := APPLICATION.search(files.text(path)):
            name = f"{path.removesuffix('.py')}:{match[1]}"
            return _fastapi(path, name, run) if match[2] == "FastAPI" else _flask(files, path, name, run)
    program = first(files, *PROGRAMS)
    if not program:
        return None, None
    return Proposal(f"{run}python {program}", f"{program} looks like the program."), port_in(files, program)


def _django(files: Files, run: str) -> tuple[Proposal, Proposal]:
    port = Proposal("8000", "Django's usual port.")
    module = next((path for path in sorted(files.paths) if re.fullmatch(r"\w+/wsgi\.py", path)), "")
    if module and "gunicorn" in _packages(files):
        package = module.partition("/")[0]
        start = f"{run}gunicorn {package}.wsgi --bind 0.0.0.0:$PORT"
        return Proposal(start, f"Django's {module}, and Gunicorn is among the packages."), port
    return Proposal(f"{run}python manage.py runserver --noreload 0.0.0.0:$PORT", "manage.py is Django's."), port


def _fastapi(path: str, name: str, run: str) -> tuple[Proposal, Proposal]:
    start = f"{run}uvicorn {name} --host 0.0.0.0 --port $PORT"
    return Proposal(start, f"{path} makes a FastAPI application."), Proposal("8000", "FastAPI's usual port.")


def _flask(files: Files, path: str, name: str, run: str) -> tuple[Proposal, Proposal]:
    port = port_in(files, path) or Proposal("5000", "Flask's usual port.")
    if "gunicorn" in _packages(files):
        return Proposal(f"{run}gunicorn {name} --bind 0.0.0.0:$PORT", f"{path} makes a Flask application."), port
    start = f"{run}flask --app {name} run --host 0.0.0.0 --port $PORT"
    return Proposal(start, f"{path} makes a Flask application."), port


def _packages(files: Files) -> str:
    return "\n".join(files.text(path) for path in ("requirements.txt", "pyproject.toml", "Pipfile")).lower()
