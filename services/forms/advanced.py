"""Tab Advanced: what instances may use, when they count as ready, and how they replace the ones before them."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from services.statuses import ANY_SUCCESS, Statuses
from services.templatetags.ui import mebibytes

# The original product's list (1.4); its 194 was a slip for 192.
MEMORY = (32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 4096, 5120, 6144, 7168, 8192)


def _from_to(low: str, high: str, unit: str = "") -> dict[str, str]:
    message = f"Enter a number from {low} to {high}{unit}."
    return dict.fromkeys(("required", "min_value", "max_value", "invalid", "max_decimal_places", "max_digits"), message)


def _number(label: str, low: int, high: int, initial: int, help_text: str, unit: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        initial=initial,
        error_messages=_from_to(str(low), str(high), unit),
        help_text=help_text,
    )


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
    instances = _number("Instances", 1, 10, 1, "How many run side by side: 1 to 10.")
    health_path = forms.CharField(
        label="Health Path",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "/healthz", "autocomplete": "off", "class": "mono"}),
        help_text="An instance is ready when a GET of this path succeeds. Left empty, an open port is enough.",
    )
    health_status = forms.CharField(
        label="Expected Status",
        required=False,
        max_length=60,
        initial=ANY_SUCCESS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "mono"}),
        help_text="What the health path answers when all is well: <code>200-399</code>, <code>204</code>, "
        "<code>200,301-302</code>.",
    )
    deploy_timeout = _number(
        "Deploy Timeout",
        10,
        1200,
        60,
        "Seconds that new instances have to become ready: 10 to 1200.",
        " seconds",
    )
    start_grace = _number(
        "Start Grace",
        0,
        600,
        0,
        "For slow starters: in these first seconds an instance may end and be started again, "
        "and the deploy timeout begins only after them. 0 to 600.",
        " seconds",
    )
    settle_count = _number(
        "Settle Count",
        1,
        50,
        3,
        "Successes in a row that an instance needs, 25 ms apart: 1 to 50.",
    )
    drain_seconds = _number(
        "Drain Limit",
        0,
        600,
        30,
        "Seconds that running requests and long connections of the replaced release may go on: 0 to 600.",
        " seconds",
    )
    undo_window = _number(
        "Undo Window",
        0,
        600,
        60,
        "Seconds that the replaced release stays running without traffic, so that one click undoes the switch: "
        "0 (off) to 600. It uses memory meanwhile.",
        " seconds",
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

    def clean_health_status(self) -> str:
        try:
            return str(Statuses.parse(self.cleaned_data["health_status"] or ANY_SUCCESS))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("health_path") == "" and cleaned.get("health_status", ANY_SUCCESS) != ANY_SUCCESS:
            message = f"Only a health path answers with a status. Enter the path, or {ANY_SUCCESS} here."
            self.add_error("health_status", message)
        return cleaned
