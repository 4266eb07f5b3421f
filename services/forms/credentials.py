"""Tab Repository of an edit: the address stays, stored credentials are kept, replaced or removed but never shown."""

from __future__ import annotations

from typing import Any

from django import forms

from services.forms.repository import RepositoryForm
from services.forms.stored import Stored
from services.settings import Credentials

KEPT = "Kept unless replaced"


class StoredRepositoryForm(RepositoryForm):
    remove_token = forms.BooleanField(label="Remove the stored token", required=False)
    remove_deploy_key = forms.BooleanField(label="Remove the stored key", required=False)

    def __init__(self, *args: Any, stored: Stored, **kwargs: Any) -> None:
        fixed = {"repository_url": stored.settings.repository_url}
        super().__init__(*args, **{**kwargs, "initial": {**kwargs.get("initial", {}), **fixed}})
        self.stored = stored.credentials
        # What a browser sends for it is not looked at: stored credentials only ever go where they belong.
        self.fields["repository_url"].disabled = True
        for name, value in (("token", self.stored.token), ("deploy_key", self.stored.deploy_key)):
            if value:
                self.fields[name].widget.attrs["placeholder"] = KEPT
            else:
                del self.fields[f"remove_{name}"]

    def credentials(self) -> Credentials:
        return Credentials(self._kept("token", self.stored.token), self._kept("deploy_key", self.stored.deploy_key))

    def _kept(self, name: str, stored: str) -> str:
        """What was entered counts, else what is stored, unless that is to go."""
        entered: str = self.cleaned_data[name]
        if entered or self.cleaned_data.get(f"remove_{name}"):
            return entered
        return stored
