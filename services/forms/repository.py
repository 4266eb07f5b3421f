"""Tab Repository: where the code is and how to reach it."""

from __future__ import annotations

from typing import Any

from django import forms

from services.forms.checks import path_inside, said_by_repository
from services.policy import repository_policy
from services.repository.address import Address, parse
from services.repository.refs import check_branch
from services.settings import Credentials

NO_FILL = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class RepositoryForm(forms.Form):
    repository_url = forms.CharField(
        label="Repository URL",
        max_length=500,
        error_messages={"required": "Enter the address of a git repository."},
        widget=forms.TextInput(attrs={**NO_FILL, "placeholder": "https://github.com/team/app.git", "class": "mono"}),
        help_text="The address you would give to git clone: https://… or git@host:team/app.git.",
    )
    branch = forms.CharField(
        label="Branch",
        required=False,
        max_length=244,
        widget=forms.TextInput(attrs={**NO_FILL, "class": "mono", "list": "branches"}),
        help_text="Left empty, Connect fills in the repository's default branch.",
    )
    subfolder = forms.CharField(
        label="Subfolder",
        required=False,
        max_length=200,
        initial=".",
        widget=forms.TextInput(attrs={**NO_FILL, "class": "mono"}),
        help_text="Where the application is in the repository. “.” is its root.",
    )
    token = forms.CharField(
        label="Access Token",
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password", "class": "mono"}),
        help_text="For private repositories over https. Leave it empty for public ones.",
    )
    deploy_key = forms.CharField(
        label="Deploy Key",
        required=False,
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={**NO_FILL, "rows": 3, "class": "mono masked"}),
        help_text="For private repositories over ssh: the private key, with its first and last line.",
    )

    def __init__(self, *args: Any, needs_branch: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_branch = needs_branch

    def clean_repository_url(self) -> str:
        text: str = self.cleaned_data["repository_url"]
        said_by_repository(lambda: self.parse(text).url)
        return text

    def clean_branch(self) -> str:
        branch: str = self.cleaned_data["branch"]
        if branch or self.needs_branch:
            said_by_repository(lambda: check_branch(branch))
        return branch

    def clean_subfolder(self) -> str:
        return path_inside(self.cleaned_data["subfolder"], "subfolder")

    @staticmethod
    def parse(text: str) -> Address:
        """Raises RepositoryError."""
        return parse(text, repository_policy())

    def credentials(self) -> Credentials:
        return Credentials(token=self.cleaned_data["token"], deploy_key=self.cleaned_data["deploy_key"])
