"""What Connect found out, as values of the Build Settings and the reasons for them."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from services.forms.build import BuildForm
from services.forms.names import propose_name
from services.repository.address import Address
from services.repository.detection import Detection, Proposal

PROPOSED = "proposed-"


def proposals_of(detection: Detection, address: Address) -> dict[str, Proposal]:
    """By field of the Build Settings."""
    found = {
        "language": detection.language,
        "version": _version(detection),
        "build_command": detection.build_command,
        "start_command": detection.start_command,
        "port": detection.port,
        "dockerfile": detection.dockerfile,
    }
    if name := propose_name(address.name):
        found["name"] = Proposal(name, "The name of the repository.")
    return {field: proposal for field, proposal in found.items() if proposal is not None}


def untouched(proposals: Mapping[str, Proposal], data: QueryDict) -> dict[str, Proposal]:
    """Those for fields that hold nothing of a person: empty, as first shown, or as proposed the last time."""
    return {field: proposal for field, proposal in proposals.items() if not _is_own(field, data)}


def _is_own(field: str, data: QueryDict) -> bool:
    typed = data.get(field, "")
    given = BuildForm.base_fields[field].initial
    if field in ("language", "version"):  # lists always hold a value: it counts once a proposal was changed
        return f"{PROPOSED}{field}" in data and typed != data[f"{PROPOSED}{field}"]
    return typed not in ("", str(given), data.get(f"{PROPOSED}{field}"))


def _version(detection: Detection) -> Proposal | None:
    if detection.language is None or detection.version is None:
        return None
    return Proposal(f"{detection.language.value}:{detection.version.value}", detection.version.reason)
