"""What a browser sends for the form of a service."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import QueryDict

DATA = {
    "action": "deploy",
    "name": "web",
    "repository_url": "https://git.example.com/team/web.git",
    "branch": "main",
    "subfolder": ".",
    "token": "",
    "deploy_key": "",
    "language": "python",
    "version": "python:3.13",
    "dockerfile": "Dockerfile",
    "build_command": "pip install -r requirements.txt",
    "start_command": "python run.py",
    "port": "3000",
    "memory_mb": "256",
    "cpu": "1",
    "instances": "1",
    "health_path": "",
    "health_status": "200-399",
    "deploy_timeout": "60",
    "start_grace": "0",
    "settle_count": "3",
    "drain_seconds": "30",
    "undo_window": "60",
    "dotenv": "",
    "dotenv_secret": "on",
    "variables-TOTAL_FORMS": "0",
    "variables-INITIAL_FORMS": "0",
}


def sent(*rows: tuple[str, str, bool], **changes: Any) -> dict[str, Any]:
    """The data of a form that is right, apart from `changes`; `rows` are variables: key, value, whether secret."""
    data: dict[str, Any] = {**DATA, "request_id": str(uuid4()), **changes}
    for index, (key, value, is_secret) in enumerate(rows):
        data |= {f"variables-{index}-key": key, f"variables-{index}-value": value}
        if is_secret:
            data[f"variables-{index}-is_secret"] = "on"
    data["variables-TOTAL_FORMS"] = str(len(rows))
    return data


def query(*rows: tuple[str, str, bool], **changes: Any) -> QueryDict:
    found = QueryDict(mutable=True)
    found.update(sent(*rows, **changes))
    return found
