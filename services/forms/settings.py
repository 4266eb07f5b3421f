"""The Settings tab: how deploys of a service follow each other, and the name that confirms its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from services.models import QueuePolicy, Service

KEEP = "Enter a number from 1 to 50."


class DeploySettingsForm(forms.Form):
    queue_policy = forms.ChoiceField(
        label="Queue",
        choices=QueuePolicy.choices,
        help_text="What a new release does to older ones of this service that still wait for their turn.",
    )
    keep_artifacts = forms.IntegerField(
        label="Builds to keep",
        min_value=1,
        max_value=50,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), KEEP),
        help_text="The last 1 to 50 stay stored, so that a rollback to them needs no build. "
        "The live one and pinned ones are kept besides.",
    )

    @classmethod
    def of(cls, service: Service) -> DeploySettingsForm:
        return cls(initial={"queue_policy": service.queue_policy, "keep_artifacts": service.keep_artifacts})


class DeleteForm(forms.Form):
    """Asks for the service's name, so that nobody deletes the one beside the one they meant."""

    name = forms.CharField(
        label="Name of the service",
        error_messages={"required": "Enter the name of the service."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.service.name:
            raise ValidationError(f"This is not the name. Enter {self.service.name} to delete this service.")
        return name
