"""Registration is open or not: by the event, by its ticket types, by the seats left of the open ones."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.events.availability import Availability, availability
from shared.models import Event, TicketType
from tests.factories import close_event, make_event, make_registration

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kind(position: int = 0, **columns: Any) -> TicketType:
    return TicketType(title={"en": f"Kind {position}"}, position=position, **columns)


def asked(db: Session, event: Event, *, later: timedelta = timedelta(0)) -> Availability:
    db.flush()
    return availability(event, clock.now() + later)


@pytest.mark.parametrize("why", ["draft", "cancelled", "over", "doors_closed"])
def test_what_bars_an_event_is_said_before_all_else(db: Session, why: str) -> None:
    event = make_event(db, opens_at=clock.now() + HOUR)
    close_event(db, event, why)
    assert asked(db, event) == Availability(why)


def test_history_without_a_date_is_over_and_a_draft_without_one_is_not(db: Session) -> None:
    undated: dict[str, Any] = {"known": "unknown", "starts_local": None, "ends_local": None}
    history, draft = make_event(db, **undated), make_event(db, state="draft", **undated)
    assert (history.is_undated, history.is_over(clock.now())) == (True, True)
    assert (draft.is_undated, draft.is_over(clock.now())) == (False, False)


def test_only_the_seats_of_kinds_that_are_open_are_left(db: Session) -> None:
    now = clock.now()
    kinds = [kind(0, capacity=3), kind(1, capacity=20, opens_at=now + DAY), kind(2, capacity=9, closes_at=now - HOUR)]
    event = make_event(db, ticket_types=kinds)
    assert asked(db, event) == Availability("open", kinds[:1], 3, now + DAY)
    assert asked(db, event, later=DAY + HOUR).seats_left == 23
    event.capacity = 2
    assert asked(db, event).seats_left == 2


def test_full_ticket_types_open_the_waiting_list_or_nothing(db: Session) -> None:
    opens_at = clock.now() + DAY
    kinds = [kind(0, capacity=1), kind(1, capacity=20, opens_at=opens_at)]
    event = make_event(db, ticket_types=kinds)
    make_registration(db, event)
    assert asked(db, event) == Availability("waiting", kinds[:1], 0, opens_at)
    event.waiting_list = False
    assert asked(db, event) == Availability("full", [], 0, opens_at)


def test_the_waiting_list_closes_when_the_event_begins(db: Session) -> None:
    event = make_event(db, starts_at=clock.now() - HOUR, capacity=0)
    assert asked(db, event).state == "full"


def test_registration_opens_with_the_event_and_the_first_ticket_type(db: Session) -> None:
    now = clock.now()
    event = make_event(db, ticket_types=[kind(0, opens_at=now + 2 * DAY), kind(1, opens_at=now + 3 * DAY)])
    assert asked(db, event) == Availability("not-yet", opens_at=now + 2 * DAY, waits_for_ticket_types=True)
    event.opens_at = now + 2 * DAY + HOUR
    assert asked(db, event).opens_at == now + 2 * DAY + HOUR
    event.ticket_types[0].opens_at = None
    assert asked(db, event) == Availability("not-yet", opens_at=now + 2 * DAY + HOUR)


def test_what_would_open_only_after_it_closes_never_opens(db: Session) -> None:
    now = clock.now()
    event = make_event(db, closes_at=now + HOUR, ticket_types=[kind(opens_at=now + DAY)])
    assert asked(db, event) == Availability("closed", waits_for_ticket_types=True)
    event.closes_at = now - HOUR
    event.ticket_types[0].opens_at = None
    assert asked(db, event) == Availability("closed")


def test_seats_left_are_hidden_where_registration_is_answered_by_email(db: Session) -> None:
    event = make_event(db, capacity=0, confirm_by_mail=True)
    assert asked(db, event) == Availability("open", event.ticket_types)
