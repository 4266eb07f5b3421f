"""Connect: ask the repository itself, and propose the Build Settings it seems to need."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from services.access import get_environment_for_user
from services.forms.proposals import proposals_of
from services.forms.repository import RepositoryForm
from services.forms.service import ServiceForm
from services.policy import repository_policy
from services.repository.errors import RepositoryError
from services.repository.inspection import Inspection, inspect_repository
from services.views.create_page import draw

SECONDS = 15.0


@require_POST
@sensitive_post_parameters()
def connect(request: HttpRequest, code: str) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    environment = get_environment_for_user(user, code, may_deploy=True)
    form = ServiceForm(environment).draft(request.POST)
    found = inspect_typed(form.repository)
    if found is None:
        return draw(request, form)
    address = form.repository.parse(form.repository.cleaned_data["repository_url"])
    filled = request.POST.copy()
    filled["branch"] = found.branch
    form = ServiceForm(environment).draft(filled, proposals_of(found.detection, address))
    form.opened = "build"
    return draw(request, form, found)


def inspect_typed(form: RepositoryForm) -> Inspection | None:
    """None when something must be corrected: it stands at its field then."""
    if not form.is_valid():
        return None
    entered = form.cleaned_data
    try:
        return inspect_repository(
            form.parse(entered["repository_url"]),
            form.credentials(),
            repository_policy(),
            entered["branch"],
            entered["subfolder"],
            seconds=SECONDS,
        )
    except RepositoryError as error:
        form.add_error(error.field if error.field in form.fields else "repository_url", error.message)
        return None
