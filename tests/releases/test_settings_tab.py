"""The Settings tab: deploy settings, and what can be done with a service as a whole."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from releases.models import Release, Status, Trigger
from services.models import AuditEvent, QueuePolicy, Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service
from tests.services.forms import sent

VERBS = ("suspend", "resume", "restart", "delete", "automatic_deploys")


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def address(service: Service, name: str = "settings") -> str:
    return reverse(f"service_{name}", args=[service.environment.code, service.name])


def page_of(client: Client, service: Service, query: str = "") -> str:
    return client.get(address(service) + query).content.decode()


def save(client: Client, service: Service, **changes: str) -> str:
    sent = {"queue_policy": "newest", "keep_artifacts": "10", **changes}
    return client.post(address(service), sent, follow=True).content.decode()


def press(client: Client, service: Service, verb: str, **sent: object) -> HttpResponse:
    data = {"request_id": uuid4(), **sent}
    return client.post(address(service, verb), data, follow=True)  # type: ignore[return-value]


def test_saving_says_what_came_of_it(cast: Cast, service: Service, developer_client: Client) -> None:
    page = save(developer_client, service, queue_policy="all", keep_artifacts="3")
    service.refresh_from_db()
    assert (service.queue_policy, service.keep_artifacts) == (QueuePolicy.ALL, 3)
    assert "Saved. A new release waits until the older ones are done, and the last 3 builds are kept." in page
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.subject) == ("developer", "change settings", "staging/web")


def test_saving_nothing_new_says_so(service: Service, owner_client: Client) -> None:
    assert "Nothing has changed." in save(owner_client, service)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("keep_artifacts", "0", "from 1 to 50"),
        ("keep_artifacts", "51", "from 1 to 50"),
        ("keep_artifacts", "many", "from 1 to 50"),
        ("keep_artifacts", "", "from 1 to 50"),
        ("queue_policy", "oldest", "Select a valid choice"),
    ],
)
def test_bad_input_stands_at_its_field(
    service: Service, owner_client: Client, field: str, value: str, message: str
) -> None:
    page = save(owner_client, service, **{field: value})
    start = page.index(f'id="id_{field}_error"')
    assert message in page[start : page.index("</div>", start)]
    service.refresh_from_db()
    assert (service.queue_policy, service.keep_artifacts) == (QueuePolicy.NEWEST, 10)


def test_suspend(cast: Cast, service: Service, owner_client: Client) -> None:
    live = make_release(service, Status.LIVE)
    assert "stops answering" in page_of(owner_client, service)
    page = press(owner_client, service, "suspend").content.decode()
    live.refresh_from_db()
    assert live.status == Status.SUSPENDED
    assert "web is suspended" in page
    assert "Resume web?" in page and "Suspend web?" not in page


def test_a_suspended_service_offers_resume_in_place_of_trigger_deploy(service: Service, owner_client: Client) -> None:
    make_release(service, Status.SUSPENDED)
    make_release(service, Status.FAILED)
    for name in ("service", "releases", "service_settings"):
        page = owner_client.get(reverse(name, args=[service.environment.code, "web"])).content.decode()
        header = page[page.index('class="page-head"') : page.index("</header>", page.index('class="page-head"'))]
        assert "Suspended" in header and "Failed" not in header
        assert "Resume" in header and "Trigger Deploy" not in header
    board = owner_client.get(reverse("environment", args=[service.environment.code])).content.decode()
    assert "Suspended" in board


def test_resume_leads_to_the_new_release(service: Service, owner_client: Client) -> None:
    suspended = make_release(service, Status.SUSPENDED)
    response = owner_client.post(address(service, "resume"), {"request_id": uuid4()})
    made = Release.objects.get(trigger=Trigger.RESUME)
    assert response["Location"] == made.get_absolute_url()
    assert made.based_on == suspended


def test_restart_leads_to_the_new_release_once(service: Service, owner_client: Client) -> None:
    make_release(service, Status.LIVE)
    click = {"request_id": uuid4()}
    first, second = (owner_client.post(address(service, "restart"), click)["Location"] for _ in range(2))
    made = Release.objects.get(trigger=Trigger.RESTART)
    assert first == second == made.get_absolute_url()


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        ("suspend", "Nothing of this service is live."),
        ("restart", "Nothing of this service is live."),
        ("resume", "This service is not suspended."),
    ],
)
def test_what_cannot_be_done_is_said(service: Service, owner_client: Client, verb: str, message: str) -> None:
    make_release(service, Status.FAILED)
    assert message in press(owner_client, service, verb).content.decode()
    assert Release.objects.count() == 1


@pytest.mark.parametrize("verb", ["resume", "restart"])
def test_a_form_that_was_tampered_with_does_nothing(service: Service, owner_client: Client, verb: str) -> None:
    make_release(service, Status.LIVE)
    assert "out of date" in press(owner_client, service, verb, request_id="x").content.decode()
    assert Release.objects.count() == 1


def test_suspend_waits_for_a_release_in_work(service: Service, owner_client: Client) -> None:
    make_release(service, Status.LIVE)
    make_release(service, Status.DEPLOYING)
    page = page_of(owner_client, service)
    assert "Wait for it, or abort it first." in page and "Suspend web?" not in page
    assert "Wait for it, or abort it first." in press(owner_client, service, "suspend").content.decode()


def test_delete_asks_for_the_name(cast: Cast, service: Service, owner_client: Client) -> None:
    for name, message in (("", "Enter the name of the service."), ("Web", "This is not the name."), ("<b>", "not the")):
        page = press(owner_client, service, "delete", name=name).content.decode()
        assert message in page
        dialog = page[page.index('id="confirm-delete"') :]
        assert " open" in dialog[: dialog.index(">")]
    assert Service.objects.present().get() == service


@pytest.mark.parametrize(
    ("count", "words"), [(1, "its 1 release with its log, and"), (3, "its 3 releases with their logs, and")]
)
def test_what_a_deletion_takes_is_told(
    cast: Cast, service: Service, owner_client: Client, count: int, words: str
) -> None:
    for _ in range(count - service.releases.count()):
        make_release(service, Status.RETIRED)
    assert words in " ".join(page_of(owner_client, service).split())


def test_delete_leads_back_to_the_list(cast: Cast, service: Service, owner_client: Client) -> None:
    make_service(cast.environment, "other")
    response = press(owner_client, service, "delete", name="web")
    page = response.content.decode()
    assert response.redirect_chain == [(reverse("environment", args=[cast.environment.code]), 302)]  # type: ignore[attr-defined]
    assert "web is deleted" in page
    assert address(service).removesuffix("settings/") not in page
    assert owner_client.get(address(service)).status_code == 404


def test_the_name_of_a_service_that_is_being_deleted_is_not_free_yet(
    cast: Cast, service: Service, owner_client: Client
) -> None:
    press(owner_client, service, "delete", name="web")
    page = owner_client.post(reverse("service_create", args=[cast.environment.code]), sent()).content.decode()
    assert "is being deleted. Its name is free again in a moment." in page


def test_held_automatic_deploys_are_shown_and_resumed(service: Service, owner_client: Client) -> None:
    Service.objects.update(automatic_deploys_held=True)
    overview = reverse("service", args=[service.environment.code, "web"])
    for page in (overview, address(service)):
        assert "Automatic deploys are held" in owner_client.get(page).content.decode()
    assert "are no longer held" in press(owner_client, service, "automatic_deploys").content.decode()
    assert not Service.objects.get().automatic_deploys_held
    assert "Automatic deploys are held" not in owner_client.get(overview).content.decode()


@pytest.mark.parametrize("verb", ["suspend", "restart", "delete"])
def test_a_link_opens_the_question_without_scripts(service: Service, owner_client: Client, verb: str) -> None:
    make_release(service, Status.LIVE)
    page = page_of(owner_client, service, f"?confirm={verb}")
    tag = page[page.index(f'<dialog id="confirm-{verb}"') :]
    assert " open" in tag[: tag.index(">")]
    other = page_of(owner_client, service, "?confirm=<script>")
    tag = other[other.index(f'<dialog id="confirm-{verb}"') :]
    assert " open" not in tag[: tag.index(">")]


def test_viewers_see_it_read_only(cast: Cast, service: Service, viewer_client: Client) -> None:
    make_release(service, Status.LIVE)
    Service.objects.update(automatic_deploys_held=True)
    page = page_of(viewer_client, service)
    assert "Newest only" in page and "In development; held since a rollback" in page
    content = page[page.index("<main") : page.index("</main>")]
    for word in ("<form", "<button", "Suspend", "Restart", "Delete Service", "Edit Service"):
        assert word not in content


def test_who_may(cast: Cast, service: Service, logged_in: LoggedIn) -> None:
    for user, status in {cast.viewer: 403, cast.stranger: 404, cast.operator: 404}.items():
        client = logged_in(user)
        assert client.post(address(service), {}).status_code == status
        for verb in VERBS:
            assert client.post(address(service, verb), {"name": "web"}).status_code == status
    assert logged_in(cast.stranger).get(address(service)).status_code == 404
    assert Client().get(address(service)).status_code == 302
    assert Service.objects.present().exists()


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_are_by_post_only(service: Service, owner_client: Client, verb: str) -> None:
    assert owner_client.get(address(service, verb)).status_code == 405
