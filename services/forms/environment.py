"""Create Environment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from kintohub.accounts.models import User
from services.models import Environment, Region


class EnvironmentForm(forms.Form):
    name = forms.CharField(
        label="Name",
        min_length=2,
        max_length=32,
        widget=forms.TextInput(attrs={"placeholder": "Production", "autocomplete": "off", "autofocus": True}),
        help_text="2 to 32 characters. It stands at the top left of every page.",
    )
    region = forms.ModelChoiceField(
        Region.objects.all(), empty_label=None, help_text="Where its services run. This cannot be changed afterwards."
    )

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.user = user
        regions = Region.objects.all()[:2]
        if len(regions) == 1:
            self.fields["region"].widget = forms.HiddenInput()
            self.initial["region"] = regions[0].pk

    def clean(self) -> dict[str, Any]:
        """In the switcher and the commands an environment is known by its name and region."""
        name, region = self.cleaned_data.get("name"), self.cleaned_data.get("region")
        mine = Environment.objects.of(self.user)
        if name and region and mine.filter(name__iexact=name, region=region).exists():
            self.add_error("name", f"You have an environment named {name} already. Choose another name.")
        return self.cleaned_data
