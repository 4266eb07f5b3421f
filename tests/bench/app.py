"""The application that both sides deploy: a little Flask, with a Dockerfile of its own so that both build the same."""

from __future__ import annotations

from pathlib import Path

from tests.repository.repositories import commit, make_repository

DOCKERFILE = """\
FROM python:3.13
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "run.py"]
"""
RUN = """\
import os

from flask import Flask

app = Flask(__name__)
MESSAGE = "{message}"


@app.get("/")
def hello():
    return MESSAGE + " " + os.environ["MODE"] + "\\n"


app.run("0.0.0.0", 8000)
"""


class App:
    """One repository. `seal` makes its layers its own, so that no build finds another's in the cache."""

    def __init__(self, place: Path, seal: str) -> None:
        self.place = place
        self._fixed = {"Dockerfile": DOCKERFILE, "requirements.txt": f"flask==3.1.*\n# {seal}\n"}
        self.message = ""

    @property
    def address(self) -> str:
        return f"file://{self.place}"

    def make(self, message: str) -> None:
        self.message = message
        make_repository(self.place, {**self._fixed, "run.py": RUN.format(message=message)})

    def change(self, message: str) -> None:
        """One line."""
        self.message = message
        commit(self.place, {**self._fixed, "run.py": RUN.format(message=message)}, message)
