"""The history of an event and of an organization, as pages."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import audit
from shared.models import Account, Audit, Event, Organization
from tests.conftest import Statements
from tests.factories import make_account, make_event, make_organization, make_registration


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/audit"


@pytest.fixture
def whole(event: Event) -> str:
    """The address of the organization's history."""
    return f"/organize/organizations/{event.organization_id}/audit"


def lines(page: str) -> list[str]:
    """Return the text of each line."""
    items = re.findall(r'<li class="line">(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in items]


def add(db: Session, event: Event, count: int) -> None:
    at = clock.now() - timedelta(minutes=5)
    values = {"organization_id": event.organization_id, "event_id": event.id, "action": "event.edited", "at": at}
    db.execute(insert(Audit), [values] * count)


def test_acts_are_listed_with_actor_and_action_and_link_to_the_person(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    guest = make_registration(db, event, name="Шариф <b>")
    gone = make_account(db, name="Далер")
    audit.note(db, by=account, action="event.published", event=event)
    audit.note(db, by=None, action="mailing.started", event=event, mailing=1, mails=12)
    audit.note(db, by=gone, action="registration.edited", registration=guest, fields=["name"])
    db.delete(gone)
    db.flush()
    page = organizer.get(address).text
    texts = [re.sub(r"^.*?, \d\d:\d\d ?· ", "", line) for line in lines(page)]
    assert texts == [
        "a deleted account Registration edited: Шариф &lt;b&gt; · name",
        "the system Mailing started: 12 emails",
        "Манижа Event published",
    ]
    assert f'href="/organize/events/{event.id}/people/{guest.id}/"' in page
    assert "Далер" not in page


def test_a_deleted_person_is_named_as_such_without_a_link(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    guest = make_registration(db, event)
    audit.note(db, by=account, action="registration.edited", registration=guest, fields=["name"])
    db.delete(guest)
    db.flush()
    page = organizer.get(address).text
    assert "a person no longer on the list" in page
    assert f"/people/{guest.id}/" not in page


def test_an_action_on_many_is_one_line_with_their_number(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    guests = [make_registration(db, event).id for _ in range(3)]
    audit.note_each(db, by=account, action="registration.cancelled", event=event, registration_ids=guests)
    page = organizer.get(address).text
    [line] = lines(page)
    assert line.endswith("Registration cancelled: 3 people")
    assert f"/people/{guests[2]}/" not in page


def test_times_are_those_of_the_event(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    at = clock.now().replace(month=1, day=7, hour=13, minute=5)
    values = {"organization_id": event.organization_id, "event_id": event.id, "action": "event.edited", "at": at}
    db.execute(insert(Audit), [values])
    page = organizer.get(address).text
    assert "7 January, 18:05" in page
    assert "Dushanbe time" in page


def test_a_long_history_has_pages_and_needs_the_same_statements(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, statements: Statements
) -> None:
    with statements() as few:
        assert "No activity yet." in organizer.get(address).text
    add(db, event, 60)
    with statements() as many:
        first = organizer.get(address).text
    assert (len(few), len(many)) == (5, 5)
    assert len(lines(first)) == 50
    next_page = re.search(r'rel="next" href="([^"]+)"', first)
    assert next_page
    second = organizer.get(f"{address}{next_page[1]}").text
    assert len(lines(second)) == 10
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second
    # The names of ids cost one more statement, for any number of them.
    for number in range(20):
        audit.note(db, by=account, action="door.closed", event=event, door_id=str(number), session=number)
    with statements() as named:
        organizer.get(address)
    assert len(named) == 6


@pytest.mark.parametrize("wrong", ["before=x", "before=999999999", "who=x", "about=nothing", "before=" + "9" * 40])
def test_a_wrong_address_shows_a_page(
    organizer: FlaskClient, db: Session, event: Event, address: str, wrong: str
) -> None:
    add(db, event, 1)
    assert organizer.get(f"{address}?{wrong}").status_code == 200


def test_filters_stay_when_the_list_is_turned(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account
) -> None:
    audit.note(db, by=account, action="door.added", event=event)
    audit.note(db, by=None, action="mailing.started", event=event)
    add(db, event, 60)
    assert len(lines(organizer.get(f"{address}?about=doors").text)) == 1
    own_actions = organizer.get(f"{address}?who={account.id}").text
    assert (len(lines(own_actions)), "Only actions by Манижа" in own_actions) == (1, True)
    service = organizer.get(f"{address}?who=0&about=event").text
    assert re.search(r'rel="next" href="\?who=0&amp;about=event&amp;before=\d+"', service)
    assert not lines(organizer.get(f"{address}?who={account.id}&about=mails").text)[0].startswith("Mailing")


def test_the_id_of_an_account_does_not_reveal_its_name(organizer: FlaskClient, db: Session, address: str) -> None:
    stranger = make_account(db, name="Ситора")
    page = organizer.get(f"{address}?who={stranger.id}").text
    assert "Ситора" not in page
    assert "Actions by everyone" in page


def test_an_organizations_history_has_its_events_and_its_members(
    owner: FlaskClient, db: Session, event: Event, whole: str, account: Account
) -> None:
    audit.note(db, by=account, action="event.published", event=event)
    invited = {"organization_id": event.organization_id, "member": account.id, "before": "viewer", "role": "owner"}
    audit.note(db, by=account, action="member.role_changed", **invited)
    elsewhere = make_event(db, title={"en": "Elsewhere"})
    audit.note(db, by=account, action="event.edited", event=elsewhere)
    audit.note_own(db, account=account, action="account.password_changed")
    page = owner.get(whole).text
    assert [re.sub(r"^.*? · ", "", line) for line in lines(page)] == [
        "Манижа Role changed: Манижа, Owner, previously: Viewer",
        "Манижа Event published An evening of talks",
    ]
    assert f'href="/organize/events/{event.id}/"' in page
    assert len(lines(owner.get(f"{whole}?about=organization").text)) == 1


def test_an_organizations_history_needs_the_same_statements_for_any_length(
    owner: FlaskClient, db: Session, event: Event, whole: str, statements: Statements
) -> None:
    add(db, event, 60)
    with statements() as executed:
        owner.get(whole)
    assert len(executed) == 4


def test_viewers_have_no_history_and_no_link_to_it(viewer: FlaskClient, event: Event, address: str, whole: str) -> None:
    assert viewer.get(address).status_code == 403
    assert viewer.get(whole).status_code == 403
    assert address not in viewer.get(f"/organize/events/{event.id}/").text


def test_an_organizer_has_a_link_to_the_events_history_and_an_owner_to_both(
    owner: FlaskClient, event: Event, address: str, whole: str
) -> None:
    assert address in owner.get(f"/organize/events/{event.id}/").text
    assert whole in owner.get("/account/").text
    assert whole in owner.get(f"/organize/organizations/{event.organization_id}/members").text


def test_another_organizations_history_stays_closed(owner: FlaskClient, db: Session) -> None:
    organization: Organization = make_organization(db)
    assert owner.get(f"/organize/organizations/{organization.id}/audit").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("ru", "Мероприятие опубликовано"), ("tg", "Чорабинӣ нашр карда шуд")])
def test_the_history_is_in_the_readers_language(
    organizer: FlaskClient, db: Session, event: Event, address: str, account: Account, language: str, words: str
) -> None:
    audit.note(db, by=account, action="event.published", event=event)
    organizer.set_cookie("language", language)
    assert words in organizer.get(address).text
