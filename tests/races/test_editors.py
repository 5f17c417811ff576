"""Simultaneous edits: one is saved, the other sees both; and capacity against new registrations."""

from collections.abc import Sequence

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Full, Invalid
from shared.events import editing, programme
from shared.models import Account, Event, Mailing
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.factories import make_account, make_event, make_registration, make_sign_in
from tests.support.threads import together
from web.forms import fields
from web.organizer import edit_conflicts
from web.organizer.events.form import SECTIONS, setting
from web.organizer.mailings.form import written as as_kept
from web.organizer.people.form import written

EDITORS = 6


def editor(committed: Committed, event: Event) -> FlaskClient:
    client = committed.client()
    with committed.sessions.begin() as db:
        account = make_account(db, organization=event.organization, role="organizer")
        client.set_cookie("sign_in", make_sign_in(db, account))
    return client


def test_of_simultaneous_edits_one_wins_and_nothing_is_overwritten(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        values_before = fields.show(SECTIONS["texts"], event, setting(event))
        stamp = edit_conflicts.stamp(values_before)
        number, _ = event.id, event.organization
    clients = [editor(committed, event) for _ in range(EDITORS)]

    def save(n: int) -> str:
        form = {**values_before, "version": stamp, "title.en": f"Title {n}"}
        return str(clients[n].post(f"/organize/events/{number}/edit/texts", data=form).status_code)

    assert together(EDITORS, save) == {"303": 1, "409": EDITORS - 1}
    with committed.sessions.begin() as db:
        assert db.get_one(Event, number).version == 2


def test_of_simultaneous_corrections_of_a_registration_one_wins(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        registration = make_registration(db, event)
        values_before = written(registration, event)
        number, person, _ = event.id, registration.id, event.organization
    clients = [editor(committed, event) for _ in range(EDITORS)]

    def save(n: int) -> str:
        form = {**values_before, "version": edit_conflicts.stamp(values_before), "name": f"Guest {n}"}
        return str(clients[n].post(f"/organize/events/{number}/people/{person}/edit", data=form).status_code)

    assert together(EDITORS, save) == {"303": 1, "409": EDITORS - 1}


def test_of_simultaneous_edit_and_send_of_a_mailing_one_wins(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        make_registration(db, event)
        draft = Mailing(event_id=event.id, audience="confirmed", subject={"tg": "Хабар"}, body={"tg": "Салом"})
        db.add(draft)
        db.flush()
        values_before = as_kept(draft, event.languages)
        address, _ = f"/organize/events/{event.id}/mailings/{draft.id}", event.organization
        mailing_id = draft.id
    clients = [editor(committed, event) for _ in range(EDITORS)]

    def act(n: int) -> str:
        form = {**values_before, "version": edit_conflicts.stamp(values_before), "subject.tg": f"Хабар {n}"}
        return str(clients[n].post(f"{address}/{'edit' if n else 'send'}", data=form).status_code)

    results = together(EDITORS, act)
    with committed.sessions.begin() as db:
        mailing = db.get_one(Mailing, mailing_id)
        assert (mailing.due_at is not None) == (mailing.subject["tg"] == "Хабар")
    assert results == {"303": 1, "409": EDITORS - 1}


def test_seats_are_never_made_fewer_than_are_taken_while_people_register(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db, capacity=10)
        account = make_account(db, organization=event.organization, role="organizer")
        event_id, slug, account_id = event.id, event.slug, account.id

    def act(n: int) -> str:
        try:
            with committed.sessions.begin() as db:
                if n % 5:
                    person = NewRegistration(name=f"Guest {n}", language="tg", email=f"guest{n}@example.org")
                    self_service.register(db, slug=slug, new_registration=person)
                else:
                    shrink(db, db.get_one(Event, event_id), db.get_one(Account, account_id))
        except (Full, Invalid) as error:
            return type(error).__name__
        return "done"

    together(20, act)
    with committed.sessions.begin() as db:
        event = db.get_one(Event, event_id)
        assert event.capacity is not None
        assert event.taken <= event.capacity


def shrink(db: Session, event: Event, by: Account) -> None:
    """Lower the capacity to five seats, as an organizer does."""
    values_before = fields.show(SECTIONS["registration"], event, setting(event))
    values = fields.read(SECTIONS["registration"], {**values_before, "capacity": "5"}, setting(event), event)
    editing.set_registration(db, event=event, by=by, values=values)


def test_two_rows_added_at_once_are_both_there(committed: Committed) -> None:
    with committed.sessions.begin() as db:
        event = make_event(db)
        account = make_account(db, organization=event.organization, role="organizer")
        event_id, account_id = event.id, account.id

    def add(n: int) -> str:
        with committed.sessions.begin() as db:
            event = editing.lock(db, event_id=event_id)
            by = db.get_one(Account, account_id)
            values = {"name": {"tg": f"Speaker {n}"}, "about": {}}
            programme.add(db, event=event, by=by, kind="speakers", values=values)
        return "added"

    assert together(EDITORS, add) == {"added": EDITORS}
    with committed.sessions.begin() as db:
        event = db.get_one(Event, event_id)
        assert [speaker.position for speaker in event.speakers] == list(range(EDITORS))
        assert event.version == 1 + EDITORS


NEW = {"title": "iTalk", "language": "tg", "starts_local": "2038-05-01T18:00", "ends_local": "2038-05-01T20:00"}


def new_events(committed: Committed, clients: Sequence[FlaskClient]) -> list[str]:
    """Create drafts of one title all at once; return their addresses."""
    answers = together(len(clients), lambda n: str(clients[n].post("/organize/new", data=NEW).status_code))
    assert answers == {"303": len(clients)}
    with committed.sessions.begin() as db:
        return sorted(db.scalars(select(Event.slug).where(Event.state == "draft")))


def test_new_events_of_one_title_at_once_have_addresses_of_their_own(committed: Committed) -> None:
    clients = [editor(committed, event_of(committed)) for _ in range(EDITORS)]
    assert new_events(committed, clients) == ["italk", *(f"italk-{number}" for number in range(2, EDITORS + 1))]


def test_a_double_click_makes_one_new_event(committed: Committed) -> None:
    first = editor(committed, event_of(committed))
    cookie = first.get_cookie("sign_in")
    assert cookie is not None
    clients = [committed.client() for _ in range(EDITORS)]
    for client in clients:
        client.set_cookie("sign_in", cookie.value)
    assert new_events(committed, clients) == ["italk"]


def event_of(committed: Committed) -> Event:
    """Add a published event; return it with its organization loaded."""
    with committed.sessions.begin() as db:
        event = make_event(db)
        assert event.organization is not None
    return event
