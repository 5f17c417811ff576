"""An event's page about ticket types that are not available now, and about the door."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import clock
from shared.i18n import format_day
from shared.models import Event, TicketType, TicketTypeSession
from tests.conftest import Statements
from tests.factories import make_days, make_event, make_registration
from tests.web.conftest import page_of

IN_TWO_DAYS = timedelta(days=2)


def seats_of(page: str) -> str:
    """Return the large line beside the button."""
    match = re.search(r'<p class="seats seats-[^"]*">([^<]*)</p>', page)
    assert match
    return match[1]


def make_event_that_opens_later(db: Session, *, waiting_list: bool) -> Event:
    """Make an event with two ticket types: a full one, and one that opens in two days."""
    ticket_types = [
        TicketType(title={"en": "Guests"}, position=0, capacity=1),
        TicketType(title={"en": "Students"}, position=1, capacity=20, opens_at=clock.now() + IN_TWO_DAYS),
    ]
    event = make_event(db, ticket_types=ticket_types, waiting_list=waiting_list)
    make_registration(db, event)
    return event


@pytest.mark.parametrize("waiting_list", [True, False])
def test_seats_of_a_ticket_type_that_opens_later_are_not_offered(
    client: FlaskClient, db: Session, waiting_list: bool
) -> None:
    event = make_event_that_opens_later(db, waiting_list=waiting_list)
    page = page_of(client, f"/en/e/{event.slug}")
    assert [seats_of(page), seats_of(page_of(client, "/en/"))] == ["All seats are taken."] * 2
    assert "Registration for other seats opens: " in page
    assert "20 seats left" not in page
    assert ('id="name"' in page) is waiting_list


def test_the_open_ticket_type_has_a_waiting_list_and_the_other_says_when_it_opens(
    client: FlaskClient, db: Session
) -> None:
    event = make_event_that_opens_later(db, waiting_list=True)
    page = page_of(client, f"/en/e/{event.slug}")
    assert '<input type="hidden" name="wait" value="1">' in page
    guests, students = re.findall(r'<label class="choice">.*?</label>', page, re.DOTALL)
    assert ("disabled" in guests, "disabled" in students) == (False, True)
    assert "Registration opens: " in students
    form = {"name": "Ann", "email": "ann@example.org", "wait": "1", "ticket_type": str(event.ticket_types[0].id)}
    assert client.post(f"/en/e/{event.slug}/registrations", data=form).status_code == 303
    db.refresh(event)
    assert event.waiting == 1


def choices_of(page: str) -> list[str]:
    return re.findall(r'<label class="choice"><input type="radio" name="ticket_type".*?</label>', page, re.DOTALL)


def test_no_ticket_type_has_more_seats_left_than_the_event(client: FlaskClient, db: Session) -> None:
    ticket_types = [TicketType(title={"en": "Guests"}, capacity=3), TicketType(title={"en": "Students"}, position=1)]
    event = make_event(db, ticket_types=ticket_types, capacity=3)
    for sentence in ("Only 2 seats left", "Only 1 seat left", "All seats are taken."):
        make_registration(db, event, ticket_type_id=ticket_types[1].id)
        assert [sentence in choice for choice in choices_of(page_of(client, f"/en/e/{event.slug}"))] == [True, True]


def test_ticket_types_of_different_sessions_name_them(client: FlaskClient, db: Session) -> None:
    event = make_days(db)
    all_days, second_day = choices_of(page_of(client, f"/en/e/{event.slug}"))
    day = format_day(event.sessions[1].starts_local)
    assert '<span class="hint">All sessions</span>' in all_days
    assert f'<span class="hint">Day 2: {day}, 10:00–16:00</span>' in second_day
    db.execute(delete(TicketTypeSession).where(TicketTypeSession.event_id == event.id))
    db.expire_all()
    page = page_of(client, f"/en/e/{event.slug}")
    assert "All sessions" not in page
    assert not any("Day 2" in choice for choice in choices_of(page)), "all are for everything"


def test_ten_ticket_types_cost_as_many_statements_as_two(
    client: FlaskClient, db: Session, statements: Statements
) -> None:
    event = make_days(db)
    counts = []
    for more in (0, 8):
        for number in range(more):
            ticket_type = TicketType(event_id=event.id, title={"en": f"Kind {number}"}, position=2 + number)
            db.add(ticket_type)
            db.flush()
            db.add(TicketTypeSession(event_id=event.id, ticket_type_id=ticket_type.id, session_id=event.sessions[0].id))
        db.flush()
        slug = event.slug
        db.expunge_all()
        with statements() as executed:
            page = page_of(client, f"/en/e/{slug}")
        counts.append((len(choices_of(page)), len(executed)))
        event = db.scalars(select(Event).where(Event.slug == slug)).one()
    assert counts == [(2, 5), (10, 5)], "\n".join(executed)


def test_an_only_ticket_type_that_opens_later_says_when(client: FlaskClient, db: Session) -> None:
    opens_at = (clock.now() + IN_TWO_DAYS).replace(microsecond=0)
    event = make_event(db, ticket_types=[TicketType(title={"en": "Guests"}, capacity=10, opens_at=opens_at)])
    page = page_of(client, f"/en/e/{event.slug}")
    assert seats_of(page).startswith("Registration opens: ")
    assert "Registration is closed." not in page
    assert "You can still come" not in page


@pytest.mark.parametrize("change", [{"walk_ins": False}, {"private": True}])
def test_a_private_event_or_one_without_walk_ins_sends_no_one_to_the_door(
    client: FlaskClient, db: Session, change: dict[str, bool]
) -> None:
    full = make_event(db, capacity=0, waiting_list=False, **change)
    closed = make_event(db, closes_at=clock.now() - IN_TWO_DAYS, **change)
    for event in (full, closed):
        assert "You can still come" not in page_of(client, f"/en/e/{event.slug}")
    assert seats_of(page_of(client, f"/en/e/{closed.slug}")) == "Registration is closed."


@pytest.mark.parametrize(
    ("minutes", "lang", "words"),
    [
        (0, "en", "once the event starts"),
        (1, "en", "1 minute after the start"),
        (1, "ru", "через 1\N{NO-BREAK SPACE}минуту"),
        (3, "ru", "через 3\N{NO-BREAK SPACE}минуты"),
        (15, "ru", "через 15\N{NO-BREAK SPACE}минут "),
    ],
)
def test_the_time_for_walk_ins_is_a_whole_sentence(
    client: FlaskClient, db: Session, minutes: int, lang: str, words: str
) -> None:
    event = make_event(db, capacity=0, waiting_list=False, held_minutes=minutes)
    assert words in page_of(client, f"/{lang}/e/{event.slug}")
