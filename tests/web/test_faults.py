"""What is wrong stands at its field: the field names it, so that whoever listens to the page hears it there too."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

import web
from shared.models import EventSession, Mailing, Membership, Partner, Question, TicketType
from shared.operations.programme import KINDS
from tests.factories import make_account, make_organization, make_sign_in
from tests.web.pages.organizer.mailing import act
from tests.web.world import APP, ROUTES, World, address, method_of
from web.routes import Route

TEMPLATES = Path(web.__file__).parent / "templates"
NONSENSE: Mapping[str, str] = {
    "asks": "x",
    "at": "x",
    "audience": "x",
    "date_known": "x",
    "expires": "x",
    "first": "x",
    "kind": "x",
    "known": "x",
    "language": "x",
    "languages": "ru",
    "opens": "x",
    "organization": "0",
    "role": "x",
    "series_id": "x",
    "sessions": "0",
    "ticket_type": "0",
    "ticket_type_id": "x",
    "unlisted": "x",
}
"""No form's field takes what stands here; all else that is needed is missing."""
NO_FORM = {"organizer_acts.confirm", "organizer_acts.do"}
"""Whoever sends them what no page holds is told so on a page of its own."""
NO_FIELD = "plan.html"
"""Says what is wrong in the rows of a file."""
PARTS, PORTRAYED = ("texts", "time", "registration", "recap"), ("speakers", "partners")


class _Page(HTMLParser):
    """What is said to be wrong, and who says so."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.described: set[str] = set()
        self.errors: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        self.described |= set(given.get("aria-describedby", "").split())
        if "error" in given.get("class", "").split():
            self.errors.append(given.get("id", "an error without an id"))
        if given.get("href", "").startswith("#"):
            self.links.append(given["href"].removeprefix("#"))

    def unheard(self) -> list[str]:
        """Errors that no field names, and ways to a fault that lead nowhere."""
        return [one for one in self.errors if one not in self.described] + [
            f"#{one}" for one in self.links if one not in self.ids
        ]


def _is_of_forms(rule: Rule) -> bool:
    route = APP.view_functions[rule.endpoint]
    return isinstance(route, Route) and route.refused is not None and method_of(rule) == "POST"


def _places(rule: Rule) -> Iterator[dict[str, str]]:
    """What one address has many forms for, by the name in it."""
    if rule.endpoint == "organizer_pictures.picture":
        yield from ({"kind": kind} for kind in PORTRAYED)
    elif "kind" in rule.arguments:
        yield from ({"kind": kind} for kind in KINDS)
    elif "part" in rule.arguments:
        yield from ({"part": part} for part in PARTS)
    else:
        yield {}


FORMS = [
    pytest.param(rule, place, id=" ".join((rule.endpoint, *place.values())))
    for rule in ROUTES
    if _is_of_forms(rule)
    for place in _places(rule)
]


@pytest.fixture
def owner(client: FlaskClient, db: Session, world: World) -> FlaskClient:
    account = make_account(db, organization=world.event.organization, role="owner")
    db.add(Membership(account_id=account.id, organization_id=make_organization(db).id, role="owner"))
    event = world.event
    event.sessions.append(EventSession(title={"tg": "Рӯзи дуюм"}, position=1))
    event.ticket_types.append(TicketType(title={"tg": "Меҳмон"}, position=1))
    event.partners.append(Partner(name={"tg": "Пешрафт"}))
    event.questions.append(Question(key="why", kind="short", label={"tg": "Чаро?"}))
    db.flush()
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


@pytest.mark.parametrize(("rule", "place"), FORMS)
def test_each_fault_of_a_form_is_named_by_its_field(
    rule: Rule, place: Mapping[str, str], owner: FlaskClient, db: Session, world: World
) -> None:
    # Only a draft's address can be changed.
    world.event.state = "draft" if rule.endpoint == "organizer_editor.address" else "published"
    db.flush()
    scans = dict(zip(("scan_id", "rival_id"), sorted((world.values["scan_id"], world.values["rival_id"])), strict=True))
    row = getattr(world.event, place["kind"])[0].id if "kind" in place else 0
    answer = owner.post(address(rule, {**world.values, **scans, "row_id": row, **place}), data=NONSENSE)
    if answer.mimetype != "text/html":
        return
    page = _Page(answer.text)
    assert page.unheard() == []
    assert (answer.status_code == 422 and rule.endpoint not in NO_FORM) == bool(page.errors)


def test_each_error_in_a_template_has_an_id_to_be_named_by() -> None:
    written = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}
    tags = [(path.name, tag) for path, text in written.items() for tag in re.findall(r'<\w+ class="error[^>]*>', text)]
    assert [tag for name, tag in tags if "-error" not in tag and name != NO_FIELD] == []
    assert len(tags) > 5


def test_which_of_two_times_is_meant_is_asked_where_it_is_heard(owner: FlaskClient, db: Session, world: World) -> None:
    world.event.zone = "Europe/Berlin"
    db.flush()
    mailing = db.get_one(Mailing, world.values["mailing_id"])
    answer = act(owner, world.event, mailing, "schedule", at="2027-10-31T02:30")
    page = _Page(answer.text)
    assert (page.errors, page.unheard()) == (["schedule-which-error"], [])


def test_somebody_ticked_who_is_no_more_is_said_where_it_is_heard(owner: FlaskClient, world: World) -> None:
    body = {"door": str(world.values["door_id"]), "person": str(uuid4())}
    page = _Page(owner.post(f"/organize/events/{world.event.id}/doors/paper", data=body).text)
    assert (page.errors, page.unheard()) == (["paper-person-error"], [])
