"""What an event's page says of kinds of ticket that cannot be had now, and of the door."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, TicketType
from tests.factories import make_event, make_registration
from tests.web.pages.conftest import page_of

IN_TWO_DAYS = timedelta(days=2)


def seats_of(page: str) -> str:
    """What stands in large beside the button."""
    found = re.search(r'<p class="seats seats-[^"]*">([^<]*)</p>', page)
    assert found
    return found[1]


def with_a_kind_that_opens_later(db: Session, *, waiting_list: bool) -> Event:
    """Its one open kind is full."""
    kinds = [
        TicketType(title={"en": "Guests"}, position=0, capacity=1),
        TicketType(title={"en": "Students"}, position=1, capacity=20, opens_at=clock.now() + IN_TWO_DAYS),
    ]
    event = make_event(db, ticket_types=kinds, waiting_list=waiting_list)
    make_registration(db, event)
    return event


@pytest.mark.parametrize("waiting_list", [True, False])
def test_seats_of_a_kind_that_opens_later_are_not_promised(
    client: FlaskClient, db: Session, waiting_list: bool
) -> None:
    event = with_a_kind_that_opens_later(db, waiting_list=waiting_list)
    page = page_of(client, f"/en/e/{event.slug}")
    assert [seats_of(page), seats_of(page_of(client, "/en/"))] == ["All seats are taken."] * 2
    assert "Registration for other seats opens: " in page
    assert "20 seats left" not in page
    assert '"availability": "https://schema.org/SoldOut"' in page
    assert ('id="name"' in page) is waiting_list


def test_one_may_wait_for_the_kind_that_is_open_and_the_other_says_when_it_opens(
    client: FlaskClient, db: Session
) -> None:
    event = with_a_kind_that_opens_later(db, waiting_list=True)
    page = page_of(client, f"/en/e/{event.slug}")
    assert '<input type="hidden" name="wait" value="1">' in page
    guests, students = re.findall(r'<label class="choice">.*?</label>', page, re.DOTALL)
    assert ("disabled" in guests, "disabled" in students) == (False, True)
    assert "Registration opens: " in students
    form = {"name": "Ann", "email": "ann@example.org", "wait": "1", "ticket_type": str(event.ticket_types[0].id)}
    assert client.post(f"/en/e/{event.slug}/registrations", data=form).status_code == 303
    db.refresh(event)
    assert event.waiting == 1


def test_where_the_only_kind_opens_later_it_says_when(client: FlaskClient, db: Session) -> None:
    opens_at = (clock.now() + IN_TWO_DAYS).replace(microsecond=0)
    event = make_event(db, ticket_types=[TicketType(title={"en": "Guests"}, capacity=10, opens_at=opens_at)])
    page = page_of(client, f"/en/e/{event.slug}")
    assert seats_of(page).startswith("Registration opens: ")
    assert '"availability": "https://schema.org/PreOrder"' in page
    assert f'"validFrom": "{opens_at.isoformat()}"' in page
    assert "Registration is closed." not in page
    assert "You can still come" not in page


@pytest.mark.parametrize("change", [{"walk_ins": False}, {"private": True}])
def test_nobody_is_sent_to_a_door_that_takes_no_newcomers_or_that_is_private(
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
        (0, "en", "from the start on"),
        (1, "en", "1 minute after the start"),
        (1, "ru", "через 1 минуту"),
        (3, "ru", "через 3 минуты"),
        (15, "ru", "через 15 минут "),
    ],
)
def test_when_seats_are_given_at_the_door_is_said_in_whole_words(
    client: FlaskClient, db: Session, minutes: int, lang: str, words: str
) -> None:
    event = make_event(db, capacity=0, waiting_list=False, held_minutes=minutes)
    assert words in page_of(client, f"/{lang}/e/{event.slug}")
