"""Create Environment."""

from __future__ import annotations

from typing import Any

from django import forms

from services.models import Region


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.all()[:2]
        if len(regions) == 1:
            self.fields["region"].widget = forms.HiddenInput()
            self.initial["region"] = regions[0].pk
