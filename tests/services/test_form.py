"""The form of a service: what it takes, and what it says about everything else."""

from __future__ import annotations

import pytest

from services.forms.names import propose_name
from services.forms.service import ServiceForm
from services.models import Availability, Environment
from services.settings import Variable
from tests.factories import make_base_image, make_environment, make_service
from tests.services.forms import query


@pytest.fixture
def environment(db: None) -> Environment:
    return make_environment()


def test_a_right_form_gives_settings_variables_and_credentials(environment: Environment) -> None:
    form = ServiceForm(environment, query(("DEBUG", "0", False), cpu="0.5", memory_mb="512", token="t0ken"))
    assert form.is_valid()
    settings = form.settings()
    assert (settings.language, settings.version, settings.dockerfile) == ("python", "3.13", "")
    assert (settings.cpu, settings.memory_mb, settings.port) == (0.5, 512, 3000)
    assert form.variables() == [Variable("DEBUG", "0", is_secret=False)]
    assert form.credentials().token == "t0ken"


def test_a_dockerfile_service_has_no_version_and_no_commands(environment: Environment) -> None:
    form = ServiceForm(environment, query(language="dockerfile", version="", dockerfile="docker/Dockerfile"))
    assert form.is_valid()
    settings = form.settings()
    assert settings.dockerfile == "docker/Dockerfile"
    assert (settings.version, settings.build_command, settings.start_command) == ("", "", "")


BAD = [
    ("build", "name", "", "Enter a name"),
    ("build", "name", "ab", "3 to 48 characters"),
    ("build", "name", "a" * 200, "This one has 200"),
    ("build", "name", "Web", "small letters"),
    ("build", "name", "1web", "Start with a letter"),
    ("build", "name", "web-", "end with a letter"),
    ("build", "name", "my--web", "single hyphens"),
    ("build", "name", "my.web", "small letters"),
    ("build", "name", "new", "reserved"),
    ("build", "name", "<b>web</b>", "small letters"),
    ("build", "language", "cobol", "valid choice"),
    ("build", "version", "", "Choose a version of Python"),
    ("build", "version", "go:1.27", "Choose a version of Python"),
    ("build", "version", "python:2.7", "valid choice"),
    ("build", "build_command", "x" * 1025, "at most 1024"),
    ("build", "build_command", "true\nRUN evil", "one line"),
    ("build", "start_command", "", "Enter the command"),
    ("build", "start_command", "x" * 1025, "at most 1024"),
    ("build", "start_command", "a\0b", "Null characters"),
    ("build", "port", "", "Enter the port"),
    ("build", "port", "0", "1 to 65535"),
    ("build", "port", "70000", "1 to 65535"),
    ("build", "port", "-1", "1 to 65535"),
    ("build", "port", "http", "1 to 65535"),
    ("repository", "repository_url", "", "Enter the address"),
    ("repository", "repository_url", "hello", "not a repository address"),
    ("repository", "repository_url", "https://user:pw@host/x", "must not contain"),
    ("repository", "repository_url", "file:///etc", "outside"),
    ("repository", "repository_url", "ftp://host/x", "cannot be used"),
    ("repository", "repository_url", "--upload-pack=x", "must not start"),
    ("repository", "branch", "", "Enter the name of a branch"),
    ("repository", "branch", "a..b", "not a name that a branch can have"),
    ("repository", "branch", "-x", "not a name that a branch can have"),
    ("repository", "branch", "b" * 245, "at most 244"),
    ("repository", "subfolder", "../other", "inside the repository"),
    ("repository", "subfolder", "a/../../b", "inside the repository"),
    ("repository", "subfolder", "/etc", "inside the repository"),
    ("repository", "subfolder", "s" * 201, "at most 200"),
    ("advanced", "memory_mb", "0", "32 MB to 8 GB"),
    ("advanced", "memory_mb", "100000", "32 MB to 8 GB"),
    ("advanced", "memory_mb", "lots", "32 MB to 8 GB"),
    ("advanced", "cpu", "0", "0.1 to 4.0"),
    ("advanced", "cpu", "4.1", "0.1 to 4.0"),
    ("advanced", "cpu", "0.15", "0.1 to 4.0"),
    ("advanced", "cpu", "NaN", "0.1 to 4.0"),
    ("advanced", "cpu", "", "0.1 to 4.0"),
    ("advanced", "instances", "0", "1 to 10"),
    ("advanced", "instances", "11", "1 to 10"),
    ("advanced", "deploy_timeout", "9", "10 to 1200"),
    ("advanced", "deploy_timeout", "1201", "10 to 1200"),
    ("advanced", "health_path", "healthz", "start with"),
    ("advanced", "health_path", "/a b", "without spaces"),
    ("advanced", "health_path", "/" + "h" * 200, "at most 200"),
    ("advanced", "health_status", "204", "Only a health path answers"),
    ("advanced", "start_grace", "-1", "0 to 600"),
    ("advanced", "start_grace", "601", "0 to 600"),
    ("advanced", "settle_count", "0", "1 to 50"),
    ("advanced", "settle_count", "51", "1 to 50"),
    ("advanced", "drain_seconds", "601", "0 to 600"),
    ("advanced", "drain_seconds", "", "0 to 600"),
    ("advanced", "undo_window", "601", "0 to 600"),
    ("advanced", "undo_window", "1.5", "0 to 600"),
]


@pytest.mark.parametrize(("part", "field", "value", "message"), BAD)
def test_what_is_wrong_stands_at_its_field(
    environment: Environment, part: str, field: str, value: str, message: str
) -> None:
    form = ServiceForm(environment, query(**{field: value}))
    assert not form.is_valid()
    wrong = {name: getattr(form, name).errors for name in ("build", "repository", "advanced")}
    assert list(wrong.pop(part)) == [field]
    assert not any(wrong.values())
    assert message in str(getattr(form, part).errors[field])
    assert form.open_tab == part


def test_an_expected_status_belongs_to_a_health_path(environment: Environment) -> None:
    form = ServiceForm(environment, query(health_path="/up", health_status=" 200, 301-302 "))
    assert form.is_valid()
    assert form.settings().health_status == "200,301-302"
    form = ServiceForm(environment, query(health_path="/up", health_status=""))
    assert form.is_valid()
    assert form.settings().health_status == "200-399"
    form = ServiceForm(environment, query(health_path="/up", health_status="ok"))
    assert not form.is_valid()
    assert "such as 204" in str(form.advanced.errors["health_status"])


def test_how_a_release_is_checked_and_replaced_is_part_of_the_settings(environment: Environment) -> None:
    numbers = {"start_grace": 20, "settle_count": 5, "drain_seconds": 120, "undo_window": 0}
    form = ServiceForm(environment, query(**{name: str(value) for name, value in numbers.items()}))
    assert form.is_valid()
    assert {name: getattr(form.settings(), name) for name in numbers} == numbers


def test_a_path_out_of_the_repository_is_no_dockerfile(environment: Environment) -> None:
    form = ServiceForm(environment, query(language="dockerfile", dockerfile="../Dockerfile"))
    assert not form.is_valid()
    assert "inside the repository" in str(form.build.errors["dockerfile"])


def test_a_name_is_taken_in_its_own_environment_only(environment: Environment) -> None:
    make_service(environment, "web")
    make_service(make_environment(), "api")
    taken = ServiceForm(environment, query(name="web"))
    assert not taken.is_valid()
    assert "already has a service named “web”" in str(taken.build.errors["name"])
    assert ServiceForm(environment, query(name="api")).is_valid()


def test_a_version_that_cannot_be_had_is_refused_with_the_reason(environment: Environment) -> None:
    make_base_image("python", "3.13", Availability.UNAVAILABLE, "No registry answers.")
    form = ServiceForm(environment, query())
    assert not form.is_valid()
    assert "No registry answers." in str(form.build.errors["version"])
    assert "3.13, not available" in str(form.build["version"])


def test_a_version_nobody_has_looked_for_yet_is_allowed(environment: Environment) -> None:
    form = ServiceForm(environment, query())
    assert form.is_valid()
    assert "3.13, not checked yet" in str(form.build["version"])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("1A", "cannot be a key"),
        ("A-B", "cannot be a key"),
        ("a" * 129, "too long"),
        ("PORT", "PORT is set"),
        ("", "Enter a key"),
    ],
)
def test_a_bad_key_is_marked_in_its_row(environment: Environment, key: str, message: str) -> None:
    form = ServiceForm(environment, query(("GOOD", "1", True), (key, "value", True)))
    assert not form.is_valid()
    assert not form.rows.forms[0].errors
    assert message in str(form.rows.forms[1].errors["key"])
    assert [tab.errors for tab in form.tabs] == [0, 0, 1, 0]


def test_a_key_that_stands_twice_is_marked_twice(environment: Environment) -> None:
    form = ServiceForm(environment, query(("A", "1", True), ("B", "2", True), ("A", "3", True)))
    assert not form.is_valid()
    assert [bool(row.errors) for row in form.rows.forms] == [True, False, True]


def test_empty_and_removed_rows_are_no_variables(environment: Environment) -> None:
    data = query(("A", "1", False), ("", "", True), ("not a key", "3", True))
    data["variables-2-DELETE"] = "on"
    form = ServiceForm(environment, data)
    assert form.is_valid()
    assert [variable.key for variable in form.variables()] == ["A"]


def test_a_pasted_file_adds_to_the_rows_and_wins_over_them(environment: Environment) -> None:
    form = ServiceForm(environment, query(("A", "row", False), dotenv='# note\nexport A="pasted"\r\nB=2\n'))
    assert form.is_valid()
    assert form.variables() == [Variable("A", "pasted"), Variable("B", "2")]


def test_a_pasted_file_with_mistakes_names_their_lines(environment: Environment) -> None:
    form = ServiceForm(environment, query(dotenv="GOOD=1\n2BAD=x\nPORT=1\n"))
    assert not form.is_valid()
    said = str(form.paste.errors["dotenv"])
    assert "Line 2:" in said and "Line 3: PORT is set by the platform" in said
    assert form.open_tab == "variables"


def test_rows_and_pasted_file_share_one_limit(environment: Environment) -> None:
    rows = [(f"ROW{index}", "1", True) for index in range(150)]
    form = ServiceForm(environment, query(*rows, dotenv="\n".join(f"P{index}=1" for index in range(100))))
    assert not form.is_valid()
    assert "at most 200" in str(form.paste.errors["dotenv"])


@pytest.mark.parametrize("total", ["", "x", "-1", "99999999", "٣"])
def test_a_broken_number_of_rows_is_an_error_and_no_crash(environment: Environment, total: str) -> None:
    data = query()
    data["variables-TOTAL_FORMS"] = total
    form = ServiceForm(environment, data)
    form.is_valid()
    assert ServiceForm(environment).draft(data).rows.forms


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My_App.js", "my-app-js"),
        ("hello-python", "hello-python"),
        ("123-go", "go-service"),
        ("new", "new-service"),
        ("日本", ""),
        ("x" * 80, "x" * 48),
        ("--a--b--c--", "a-b-c"),
    ],
)
def test_names_proposed_from_repositories(text: str, name: str) -> None:
    assert propose_name(text) == name
