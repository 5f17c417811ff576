"""Each error is at its field and referenced by it, so that a screen reader reads it there too."""

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
from shared import clock, tokens
from shared.accounts import second_factors
from shared.events.programme import KINDS
from shared.models import Account, Event, EventSession, Mailing, Membership, Partner, Question, TicketType
from tests.factories import SECRET, make_account, make_organization, make_sign_in
from tests.support.every_route import APP, ROUTES, World, address, method_of
from tests.support.form_filling import form_in
from tests.support.mailing_form import act
from web.organizer import edit_conflicts
from web.routes import Route

WEB = Path(web.__file__).parent
TEMPLATES = [path for room in ("account", "organizer", "templates", "visitor") for path in (WEB / room).rglob("*.html")]
TOO_LONG = "x" * 30_000
NONSENSE: Mapping[str, str] = {
    "asks": "x",
    "at": "x",
    "audience": "x",
    "because.tg": TOO_LONG,
    "code": "x",
    "date_known": "x",
    "expires": "x",
    "first": "x",
    "headcount": "x",
    "kind": "x",
    "known": "x",
    "language": "x",
    "languages": "ru",
    "opens": "x",
    "organization": "0",
    "recap.tg": TOO_LONG,
    "role": "x",
    "series_id": "x",
    "sessions": "0",
    "starts_local": "x",
    "ticket_type": "0",
    "ticket_type_id": "x",
    "unlisted": "x",
}
"""Values that no field accepts; all other required fields are missing."""
BUTTONS = {
    "account_links.use_link",
    "account_second_factor.start",
    "organizer_exports.sheet",
    "organizer_live.close",
    "organizer_live.reopen",
    "organizer_mailing.delete",
    "organizer_mailing.send",
    "organizer_mailing.stop",
    "organizer_mailing.unschedule",
    "organizer_members.remove",
    "organizer_rows.move_up",
    "organizer_rows.remove",
    "organizer_share.remove",
    "organizer_editor.close",
    "organizer_editor.discard",
    "organizer_editor.publish",
    "organizer_editor.reopen",
    "own.accept",
    "own.resend",
    "own.cancel",
    "own.confirm",
}
"""Forms without a field."""
CHOICES = {
    "organizer_acts.confirm",
    "organizer_acts.do",
    "organizer_acts.resolve_held",
    "organizer_person.admit",
    "own.language",
    "own.move",
}
"""Forms that only offer valid choices: any other value gets an error page, or a redirect."""
SECRETIVE = {"account.sign_in"}
"""It does not reveal which of its fields is wrong."""
FIRST = "account_first.make"
"""The form does not exist once there is an account."""
WITHOUT_FAULTS = BUTTONS | CHOICES | SECRETIVE
NO_FIELD = "plan.html"
"""Its errors are in the rows of a file."""
PARTS, PORTRAYED = ("texts", "time", "registration", "recap"), ("speakers", "partners")


class _Page(HTMLParser):
    """The errors of a page, and the fields that reference them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.described: set[str] = set()
        self.errors: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.ids.add(attributes.get("id", ""))
        self.described |= set(attributes.get("aria-describedby", "").split())
        if "error" in attributes.get("class", "").split():
            self.errors.append(attributes.get("id", "an error without an id"))
        if attributes.get("href", "").startswith("#"):
            self.links.append(attributes["href"].removeprefix("#"))

    def unheard(self) -> list[str]:
        """Return errors that no field references, and links to errors that lead nowhere."""
        return [error for error in self.errors if error not in self.described] + [
            f"#{link}" for link in self.links if link not in self.ids
        ]


def _is_of_forms(rule: Rule) -> bool:
    route = APP.view_functions[rule.endpoint]
    return isinstance(route, Route) and route.refused is not None and method_of(rule) == "POST"


def _values_of(rule: Rule) -> Iterator[dict[str, str]]:
    """Yield the values of a name in an address that has many forms."""
    if rule.endpoint == "organizer_pictures.picture":
        yield from ({"kind": kind} for kind in PORTRAYED)
    elif "kind" in rule.arguments:
        yield from ({"kind": kind} for kind in KINDS)
    elif "section" in rule.arguments:
        yield from ({"section": section} for section in PARTS)
    else:
        yield {}


FORMS = [
    pytest.param(rule, values, id=" ".join((rule.endpoint, *values.values())))
    for rule in ROUTES
    if _is_of_forms(rule) and rule.endpoint not in {*WITHOUT_FAULTS, FIRST}
    for values in _values_of(rule)
]


@pytest.fixture
def account(db: Session, world: World) -> Account:
    account = make_account(db, organization=world.event.organization, role="owner")
    db.add(Membership(account_id=account.id, organization_id=make_organization(db).id, role="owner"))
    return account


@pytest.fixture
def owner(client: FlaskClient, db: Session, world: World, account: Account) -> FlaskClient:
    event = world.event
    event.sessions.append(EventSession(title={"tg": "Рӯзи дуюм"}, position=1))
    event.ticket_types.append(TicketType(title={"tg": "Меҳмон"}, position=1))
    event.partners.append(Partner(name={"tg": "Пешрафт"}))
    event.questions.append(Question(key="why", kind="short", label={"tg": "Сабаб"}))
    db.flush()
    client.set_cookie("sign_in", make_sign_in(db, account))
    return client


def _bring_about(endpoint: str, owner: FlaskClient, db: Session, event: Event, account: Account) -> None:
    """Set up the state in which a form is shown."""
    event.state = "draft" if endpoint == "organizer_editor.address" else "published"
    if endpoint == "account_invitation.accept":
        owner.delete_cookie("sign_in")
    if endpoint.startswith("account_second_factor."):
        second_factors.start(db, account=account, password="", secrets=(SECRET,))
    if endpoint in {"account_second_factor.renew", "account_second_factor.stop"}:
        account.totp_since = clock.now()
    db.flush()


def _carried(owner: FlaskClient, action: str) -> dict[str, str]:
    """Return the digest that a form carries, if the page above its address has it: some forms are checked before they
    are read.
    """
    above = owner.get(action.rpartition("/")[0] + "/").text
    fields = form_in(above, action) if f'action="{action}"' in above else {}
    return {name: value for name, value in fields.items() if name == edit_conflicts.FIELD}


@pytest.mark.parametrize(("rule", "values"), FORMS)
def test_each_error_of_a_form_is_referenced_by_its_field(
    rule: Rule, values: Mapping[str, str], owner: FlaskClient, db: Session, world: World, account: Account
) -> None:
    _bring_about(rule.endpoint, owner, db, world.event, account)
    scans = dict(zip(("scan_id", "rival_id"), sorted((world.values["scan_id"], world.values["rival_id"])), strict=True))
    row = getattr(world.event, values["kind"])[0].id if "kind" in values else 0
    action = address(rule, {**world.values, **scans, "row_id": row, **values})
    carried = {**_carried(owner, action), "pending": world.values["second_factor"]}
    answer = owner.post(action, data={**NONSENSE, **carried})
    page = _Page(answer.text)
    assert (answer.status_code, page.unheard()) == (422, [])
    assert page.errors


def test_each_error_of_the_first_account_is_referenced_by_its_field(client: FlaskClient) -> None:
    for code in ("x", tokens.first_code(SECRET)):
        answer = client.post("/account/first", data={"code": code})
        page = _Page(answer.text)
        assert (answer.status_code, page.unheard()) == (422, [])
        assert page.errors


def test_each_form_listed_without_fields_exists() -> None:
    assert {*WITHOUT_FAULTS, FIRST} <= {rule.endpoint for rule in ROUTES if _is_of_forms(rule)}


def test_each_error_in_a_template_has_an_id() -> None:
    templates = {path: path.read_text() for path in TEMPLATES}
    tags = [
        (path.name, tag) for path, text in templates.items() for tag in re.findall(r'<\w+ class="error[^>]*>', text)
    ]
    assert [tag for name, tag in tags if "-error" not in tag and name != NO_FIELD] == []
    assert len(tags) > 5


def test_an_ambiguous_time_is_asked_for_at_its_field(owner: FlaskClient, db: Session, world: World) -> None:
    world.event.zone = "Europe/Berlin"
    db.flush()
    mailing = db.get_one(Mailing, world.values["mailing_id"])
    answer = act(owner, world.event, mailing, "schedule", at="2027-10-31T02:30")
    page = _Page(answer.text)
    assert (page.errors, page.unheard()) == (["schedule-which-error"], [])


def test_a_checked_attendee_who_was_deleted_is_reported_at_the_field(owner: FlaskClient, world: World) -> None:
    body = {"door": str(world.values["door_id"]), "person": str(uuid4())}
    page = _Page(owner.post(f"/organize/events/{world.event.id}/doors/paper", data=body).text)
    assert (page.errors, page.unheard()) == (["paper-person-error"], [])
