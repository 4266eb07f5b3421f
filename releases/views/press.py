"""What a button sends beside its verb."""

from __future__ import annotations

from django import forms


class PressForm(forms.Form):
    """`request_id` was made with the page: a second press of its button finds the release of the first."""

    request_id = forms.UUIDField()
