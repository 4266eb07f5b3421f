"""Tab Environment Variables: rows, and a pasted .env file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from services import dotenv
from services.settings import Variable

PREFIX = "variables"
MAX_AT_BUILD = 64 * 1024  # bytes: they go in one argument, of which Linux takes 128 KiB
ROW = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "class": "mono"}
VALUE = {**ROW, "autocomplete": "new-password", "placeholder": "Value", "aria-label": "Value"}
KEPT = {"placeholder": "Kept unless replaced", "aria-label": "Value, kept unless replaced"}


class VariableForm(forms.Form):
    """A row that stands for a stored secret names it in `stored` and never holds its value: empty means kept."""

    key = forms.CharField(
        required=False, widget=forms.TextInput(attrs={**ROW, "placeholder": "KEY", "aria-label": "Key"})
    )
    value = forms.CharField(required=False, strip=False, widget=forms.PasswordInput(render_value=True, attrs=VALUE))
    is_secret = forms.BooleanField(
        label="Secret", required=False, initial=True, widget=forms.CheckboxInput(attrs={"data-secret": True})
    )
    at_build = forms.BooleanField(label="At build", required=False)
    stored = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, secrets: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secrets = secrets
        if not self["is_secret"].value():
            self.fields["value"].widget = _open_value(self["value"].value() or "")
        elif self.stored_key:
            self.fields["value"].widget.attrs.update(KEPT)

    @property
    def stored_key(self) -> str:
        """The stored secret that this row stands for; empty for a new variable."""
        key = str(self["stored"].value() or "")
        return key if key in self.secrets else ""

    def has_changed(self) -> bool:
        """The switches alone make no variable."""
        return bool(self["key"].value() or self["value"].value())

    def clean_value(self) -> str:
        return plain_lines(self.cleaned_data["value"])

    def clean(self) -> dict[str, Any]:
        key, value = self.cleaned_data.get("key", ""), self.cleaned_data.get("value", "")
        if not key and value:
            self.add_error("key", "Enter a key for this value.")
        elif key and (problem := dotenv.problem_of(key, value)):
            self.add_error("key", problem)
        elif key and not value and self.stored_key:
            self._clean_kept(key)
        return self.cleaned_data

    def _clean_kept(self, key: str) -> None:
        if key != self.stored_key:
            self.add_error("value", f"Enter the value again to rename {self.stored_key}: it is not shown to anyone.")
        elif not self.cleaned_data["is_secret"]:
            self.add_error("value", "Enter the value again to show it from now on.")
        else:
            self.cleaned_data["value"] = self.secrets[self.stored_key]

    def variable(self) -> Variable:
        data = self.cleaned_data
        return Variable(data["key"], data["value"], data["is_secret"], data["at_build"])


def plain_lines(text: str) -> str:
    """Browsers send line breaks in their own way; what runs gets plain ones."""
    return text.replace("\r\n", "\n")


def _open_value(value: str) -> forms.Widget:
    """A value that may be seen; one of several lines needs a control that keeps them."""
    lines = value.count("\n") + 1
    return forms.Textarea(attrs={**VALUE, "rows": min(lines, 6)}) if lines > 1 else forms.TextInput(attrs=VALUE)


if TYPE_CHECKING:
    FormSet = forms.BaseFormSet[VariableForm]
else:
    FormSet = forms.BaseFormSet  # cannot be subscripted at run time


class Rows(FormSet):
    def begin_at(self, key: str) -> None:
        """Where the page's cursor stands: in the value of this variable, if it is there."""
        for form in self.forms:
            if form["key"].value() == key:
                form.fields["value"].widget.attrs["autofocus"] = True

    @property
    def filled(self) -> list[VariableForm]:
        return [form for form in self.forms if form.has_changed() and form not in self.deleted_forms]

    def clean(self) -> None:
        """A key that stands twice is marked at each place."""
        valid = [form.cleaned_data for form in self.filled if form.is_valid()]
        if sum(len(row["value"].encode()) for row in valid if row["at_build"]) > MAX_AT_BUILD:
            raise ValidationError(f"The variables at build are too long: at most {MAX_AT_BUILD // 1024} KiB together.")
        keys = Counter(form.cleaned_data.get("key") for form in self.filled if form.is_valid())
        for form in self.filled:
            key = form.cleaned_data.get("key")
            if key and keys[key] > 1:
                form.add_error("key", f"{key} stands here {keys[key]} times. Keep one.")


_RowsOf = forms.formset_factory(
    VariableForm,
    formset=Rows,
    extra=1,
    can_delete=True,
    max_num=dotenv.MAX_VARIABLES,
    validate_max=True,
    absolute_max=dotenv.MAX_VARIABLES + 1,
)


def rows_of(
    data: QueryDict | None = None,
    initial: list[dict[str, Any]] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Rows:
    """`secrets` are the stored ones that a row can keep, by key."""
    return cast(Rows, _RowsOf(data, initial=initial, prefix=PREFIX, form_kwargs={"secrets": secrets or {}}))


class PasteForm(forms.Form):
    """The text is read again with every submit: until the service exists, the text is what counts."""

    dotenv = forms.CharField(
        label="Paste a .env file",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**ROW, "rows": 6, "placeholder": "# KEY=value, one on each line"}),
        help_text="Comments, quotes, export and values of several lines are understood. "
        "A key that is also in a row above takes the pasted value.",
    )
    dotenv_secret = forms.BooleanField(label="Pasted values are secret", required=False, initial=True)

    def clean_dotenv(self) -> list[tuple[str, str]]:
        parsed = dotenv.parse(plain_lines(self.cleaned_data["dotenv"]))
        if parsed.problems:
            raise ValidationError([_with_line(problem) for problem in parsed.problems[:20]])
        return list(parsed.variables)

    def variables(self) -> list[Variable]:
        return [Variable(key, value, self.cleaned_data["dotenv_secret"]) for key, value in self.cleaned_data["dotenv"]]


def _with_line(problem: dotenv.Problem) -> str:
    return f"Line {problem.line}: {problem.message}" if problem.line else problem.message
