"""The people on a paper list who are not checked in."""

import pytest
from sqlalchemy.orm import Session

from shared.door import paper_list
from shared.door.batches import WalkIn
from shared.models import Event
from tests.conftest import Statements
from tests.factories import make_device, make_door, make_registration
from tests.support.scans import claim, hand_in


def names(db: Session, event: Event, words: str = "", **more: int) -> list[str]:
    values = {"limit": 10, **more}
    part = event.sessions[0].id
    return [
        row.name for row in paper_list.not_checked_in(db, event_id=event.id, session_id=part, words=words, **values)
    ]


def test_people_come_by_name_and_page_by_page(db: Session, event: Event) -> None:
    for name in ("Ватан", "Алия", "Bahrom"):
        make_registration(db, event, name=name)
    make_registration(db, name="Somebody else")
    assert names(db, event) == ["Bahrom", "Алия", "Ватан"]
    assert names(db, event, limit=1, offset=1) == ["Алия"]


@pytest.mark.parametrize("state", ["unconfirmed", "waiting", "offered"])
def test_only_confirmed_registrations_are_on_the_paper_list(db: Session, event: Event, state: str) -> None:
    make_registration(db, event, state=state, deadline=None if state == "waiting" else event.ends_at)
    assert names(db, event) == []


def test_who_came_and_went_is_not_asked_for_again(db: Session, event: Event) -> None:
    guest = make_registration(db, event, name="Алия")
    device, _ = make_device(db, make_door(db, event))
    hand_in(db, device, claim(event, person=guest.ticket_id))
    assert names(db, event) == []
    hand_in(db, device, claim(event, person=guest.ticket_id, kind="out"))
    assert names(db, event) == []


def test_walk_ins_stand_on_no_list(db: Session, event: Event) -> None:
    device, _ = make_device(db, make_door(db, event))
    hand_in(db, device, walk_ins=[WalkIn(id=device.phone, name="Алия", language="tg")])
    assert names(db, event) == []


@pytest.mark.parametrize("words", ["%", "_", "%%", "'", "\\"])
def test_signs_search_for_nothing(db: Session, event: Event, words: str) -> None:
    make_registration(db, event, name="Алия")
    assert names(db, event, words) == ["Алия"]


def test_a_hundred_codes_cost_one_statement(db: Session, event: Event, statements: Statements) -> None:
    guests = [make_registration(db, event) for _ in range(3)]
    stranger = make_registration(db)
    codes = [str(guest.short_code) for guest in (*guests, stranger)]
    with statements() as executed:
        ticket_ids = paper_list.by_short_code(db, event_id=event.id, codes=codes)
    assert ticket_ids == {str(guest.short_code): guest.ticket_id for guest in guests}
    assert len(executed) == 1
