"""The form of an edit: what it starts from, what it keeps without showing it, and when it differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict

from services.dotenv import MAX_VARIABLES
from services.forms.edit import EditForm
from services.forms.stored import Stored
from services.models import Availability, Environment
from services.settings import Credentials, Variable
from tests.factories import SETTINGS, make_base_image, make_environment

VARIABLES = [
    Variable("TOKEN", "st0red-secret"),
    Variable("MODE", "fast", is_secret=False),
    Variable("TEXT", "one\ntwo", is_secret=False),
]
STORED = Stored(SETTINGS, VARIABLES, Credentials(token="st0red-token", deploy_key="st0red-key"))


@pytest.fixture
def environment(db: None) -> Environment:
    return make_environment()


def sent(environment: Environment, stored: Stored = STORED, **changes: Any) -> EditForm:
    return EditForm(environment, stored, stored.as_sent({name.replace("__", "-"): v for name, v in changes.items()}))


def drawn(form: EditForm) -> str:
    parts = [form.build, form.repository, form.paste, form.advanced, *form.rows.forms]
    return "".join(str(part) for part in parts) + str(form.start)


def test_untouched_it_is_right_and_differs_in_nothing(environment: Environment) -> None:
    form = sent(environment)
    assert form.is_valid()
    assert not form.differs
    assert form.settings() == SETTINGS
    assert {variable.key: variable for variable in form.variables()} == {row.key: row for row in VARIABLES}
    assert form.credentials() == STORED.credentials


@pytest.mark.parametrize(
    "settings",
    [
        {"language": "dockerfile", "version": "", "dockerfile": "docker/Dockerfile", "build_command": ""},
        {"cpu": 0.5, "memory_mb": 1536, "instances": 3, "health_path": "/up", "subfolder": "app"},
        {"memory_mb": 300},
        {"health_path": "/up", "health_status": "200,301-302", "settle_count": 1, "start_grace": 600},
        {"drain_seconds": 0, "undo_window": 90},
        {"version": "2.7"},
    ],
)
def test_whatever_is_stored_can_be_kept(environment: Environment, settings: dict[str, Any]) -> None:
    if "dockerfile" in settings:
        settings = {**settings, "start_command": ""}
    form = sent(environment, replace(STORED, settings=replace(SETTINGS, **settings)))
    assert form.is_valid()
    assert not form.differs


def test_a_stored_version_that_cannot_be_had_now_can_be_kept(environment: Environment) -> None:
    make_base_image("python", "3.13", Availability.UNAVAILABLE, "No registry answers.")
    make_base_image("python", "3.12", Availability.UNAVAILABLE, "No registry answers.")
    assert sent(environment, port="4000").is_valid()
    assert not sent(environment, version="python:3.12").is_valid()


@pytest.mark.parametrize(
    ("field", "value"),
    [("port", "4000"), ("branch", "next"), ("cpu", "0.5"), ("undo_window", "9"), ("dotenv", "NEW=1"), ("token", "new")],
)
def test_a_change_is_a_difference(environment: Environment, field: str, value: str) -> None:
    form = sent(environment, **{field: value})
    assert form.is_valid()
    assert form.differs


def test_what_is_written_another_way_is_no_difference(environment: Environment) -> None:
    form = sent(environment, cpu="1.0", port=" 3000 ", subfolder="./", variables__2__value="one\r\ntwo")
    assert form.is_valid()
    assert not form.differs


def test_nothing_that_is_secret_is_drawn(environment: Environment) -> None:
    for form in (EditForm(environment, STORED), sent(environment, port="0"), EditForm(environment, STORED)):
        assert "st0red" not in drawn(form)
        assert "fast" in drawn(form)
    draft = EditForm(environment, STORED).draft(STORED.as_sent({}))
    assert "st0red" not in drawn(draft)


def test_name_and_address_cannot_be_sent(environment: Environment) -> None:
    form = sent(environment, name="other", repository_url="https://evil.example.com/x.git")
    assert form.is_valid()
    assert form.settings().repository_url == SETTINGS.repository_url
    assert not form.differs


def test_a_draft_keeps_the_address_too(environment: Environment) -> None:
    form = EditForm(environment, STORED).draft(STORED.as_sent({"repository_url": "https://evil.example.com/x.git"}))
    assert form.repository.is_valid()
    assert form.repository.cleaned_data["repository_url"] == SETTINGS.repository_url
    assert form.repository.credentials() == STORED.credentials


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, STORED.credentials),
        ({"token": "new"}, Credentials("new", "st0red-key")),
        ({"remove_token": "on"}, Credentials("", "st0red-key")),
        ({"remove_deploy_key": "on"}, Credentials("st0red-token", "")),
        ({"token": "new", "remove_token": "on"}, Credentials("new", "st0red-key")),
    ],
)
def test_credentials_are_kept_replaced_or_removed(
    environment: Environment, changes: dict[str, str], expected: Credentials
) -> None:
    form = sent(environment, **changes)
    assert form.is_valid()
    assert form.credentials() == expected


def test_what_is_not_stored_cannot_be_removed(environment: Environment) -> None:
    form = EditForm(environment, replace(STORED, credentials=Credentials()))
    assert not {"remove_token", "remove_deploy_key"} & set(form.repository.fields)


def variables(form: EditForm) -> dict[str, str]:
    assert form.is_valid(), [row.errors for row in form.rows.forms]
    return {variable.key: variable.value for variable in form.variables()}


def test_a_secret_is_replaced(environment: Environment) -> None:
    form = sent(environment, variables__0__value="fresh")
    assert variables(form)["TOKEN"] == "fresh"
    assert form.differs


def test_a_secret_is_removed(environment: Environment) -> None:
    assert "TOKEN" not in variables(sent(environment, variables__0__DELETE="on"))
    assert "TOKEN" not in variables(sent(environment, variables__0__key=""))


def test_a_secret_is_not_renamed_or_opened_without_its_value(environment: Environment) -> None:
    renamed = sent(environment, variables__0__key="OTHER")
    assert not renamed.is_valid()
    assert "to rename TOKEN" in str(renamed.rows.forms[0].errors["value"])
    data = STORED.as_sent({})
    del data["variables-0-is_secret"]
    opened = EditForm(environment, STORED, data)
    assert not opened.is_valid()
    assert "Enter the value again to show it" in str(opened.rows.forms[0].errors["value"])
    assert "st0red" not in drawn(opened)


def test_a_secret_with_a_new_value_may_be_renamed(environment: Environment) -> None:
    found = variables(sent(environment, variables__0__key="OTHER", variables__0__value="fresh"))
    assert found["OTHER"] == "fresh" and "TOKEN" not in found


def test_a_row_keeps_only_secrets_that_are_stored(environment: Environment) -> None:
    form = sent(environment, variables__0__stored="MODE", variables__0__key="MODE2")
    assert variables(form)["MODE2"] == ""


def test_a_pasted_value_replaces_a_stored_secret(environment: Environment) -> None:
    assert variables(sent(environment, dotenv="TOKEN=pasted"))["TOKEN"] == "pasted"


def test_a_pasted_value_of_several_lines_has_plain_line_breaks(environment: Environment) -> None:
    assert variables(sent(environment, dotenv="KEY='a\r\nb'\r\n"))["KEY"] == "a\nb"


def proposing(environment: Environment, query: str) -> EditForm:
    return EditForm.proposing(environment, STORED, QueryDict(query))


def test_proposals_fill_and_mark_their_fields(environment: Environment) -> None:
    form = proposing(environment, "port=8000&memory_mb=512")
    assert form.build["port"].value() == "8000"
    assert form.marks["port"].sentence == "Proposed in place of 3000."
    assert form.marks["memory_mb"].sentence == "Proposed in place of 256 MB."
    assert form.open_tab == "build"
    back = form.as_sent
    assert back.is_valid() and back.differs
    assert (back.settings().port, back.settings().memory_mb) == (8000, 512)


WITHOUT_EFFECT = ["", "port=3000", "port=70000", "port=<b>", "unknown=1", "name=x", "token=x", "port="]


@pytest.mark.parametrize("query", WITHOUT_EFFECT)
def test_proposals_that_are_wrong_or_change_nothing_are_ignored(environment: Environment, query: str) -> None:
    form = proposing(environment, query)
    assert not form.marks
    back = form.as_sent
    assert back.is_valid() and not back.differs


def test_one_wrong_proposal_does_not_take_the_others_with_it(environment: Environment) -> None:
    assert list(proposing(environment, "port=0&instances=2").marks) == ["instances"]


@pytest.mark.parametrize(
    ("query", "tab"),
    [
        ("tab=variables", "variables"),
        ("tab=<x>", "build"),
        ("instances=2", "advanced"),
        ("port=1&tab=advanced", "advanced"),
    ],
)
def test_the_tab_that_opens(environment: Environment, query: str, tab: str) -> None:
    assert proposing(environment, query).open_tab == tab


def focused(form: EditForm) -> list[str]:
    return [row["key"].value() for row in form.rows if "autofocus" in str(row["value"])]


def changes_nothing(form: EditForm) -> bool:
    back = form.as_sent
    return back.is_valid() and not back.differs


def test_a_variable_that_is_named_gets_a_row_with_the_cursor(environment: Environment) -> None:
    form = proposing(environment, "variable=API_TOKEN&tab=variables")
    keys = [variable.key for variable in STORED.variables]
    assert [row["key"].value() for row in form.rows] == [*keys, "API_TOKEN", None]
    assert focused(form) == ["API_TOKEN"]
    added = list(form.rows)[len(keys)]
    assert (added["value"].value(), added["is_secret"].value(), added.stored_key) == (None, True, "")
    back = form.as_sent
    assert back.is_valid() and back.differs
    assert back.variables() == [*STORED.variables, Variable("API_TOKEN", "", True)]


def test_a_variable_that_is_there_only_gets_the_cursor(environment: Environment) -> None:
    for variable in STORED.variables:
        form = proposing(environment, f"variable={variable.key}")
        assert focused(form) == [variable.key]
        assert len(form.rows.forms) == len(STORED.variables) + 1
        assert changes_nothing(form)


@pytest.mark.parametrize("key", ["", "PORT", "1A", "A-B", "<b>", "A%00B", "A" * 129, "A%0AB", "É"])
def test_what_cannot_be_a_key_is_not_put_there(environment: Environment, key: str) -> None:
    form = proposing(environment, f"variable={key}")
    assert focused(form) == []
    assert len(form.rows.forms) == len(STORED.variables) + 1
    assert changes_nothing(form)


def test_there_is_no_row_beyond_the_most(environment: Environment) -> None:
    full = replace(STORED, variables=[Variable(f"K{number}", "x") for number in range(MAX_VARIABLES)])
    form = EditForm.proposing(environment, full, QueryDict("variable=ONE_MORE"))
    assert len(form.rows.forms) == MAX_VARIABLES
    assert changes_nothing(form)
