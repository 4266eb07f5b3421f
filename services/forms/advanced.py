"""Tab Advanced: how much each instance may use, how many there are, and when they count as ready."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from services.templatetags.ui import mebibytes

# The original product's list (1.4); its 194 was a slip for 192.
MEMORY = (32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096, 5120, 6144, 7168, 8192)


def _from_to(low: str, high: str, unit: str = "") -> dict[str, str]:
    message = f"Enter a number from {low} to {high}{unit}."
    return dict.fromkeys(("required", "min_value", "max_value", "invalid", "max_decimal_places", "max_digits"), message)


class AdvancedForm(forms.Form):
    memory_mb = forms.TypedChoiceField(
        label="Memory",
        coerce=int,
        choices=[(size, mebibytes(size)) for size in MEMORY],
        initial=256,
        error_messages={"invalid_choice": "Choose one of the sizes in the list: 32 MB to 8 GB."},
        help_text="For each instance. One that needs more is stopped and started again.",
    )
    cpu = forms.DecimalField(
        label="CPU cores",
        min_value=0.1,
        max_value=4,
        decimal_places=1,
        # One process of most languages cannot use more than one core; less would slow every start.
        initial=1,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
        error_messages=_from_to("0.1", "4.0", " with one decimal"),
        help_text="The most each instance may use: 0.1 to 4.0.",
    )
    instances = forms.IntegerField(
        min_value=1,
        max_value=10,
        initial=1,
        error_messages=_from_to("1", "10"),
        help_text="How many run side by side: 1 to 10.",
    )
    health_path = forms.CharField(
        label="Health Path",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "/healthz", "autocomplete": "off", "class": "mono"}),
        help_text="An instance is ready when a GET of this path succeeds. Left empty, an open port is enough.",
    )
    deploy_timeout = forms.IntegerField(
        label="Deploy Timeout",
        min_value=10,
        max_value=1200,
        initial=60,
        error_messages=_from_to("10", "1200", " seconds"),
        help_text="Seconds that new instances have to become ready: 10 to 1200.",
    )

    def __init__(self, *args: Any, stored_memory: int = 0, **kwargs: Any) -> None:
        """`stored_memory` (MiB) can be kept even where it is none of the list."""
        super().__init__(*args, **kwargs)
        sizes = sorted({*MEMORY, stored_memory} - {0})
        cast(forms.ChoiceField, self.fields["memory_mb"]).choices = [(size, mebibytes(size)) for size in sizes]

    def clean_health_path(self) -> str:
        path: str = self.cleaned_data["health_path"]
        if path and not path.startswith("/"):
            raise ValidationError("The health path must start with “/”.")
        if any(not "!" <= character <= "~" for character in path):
            raise ValidationError("Use only letters, digits and signs of plain ASCII, without spaces.")
        return path
