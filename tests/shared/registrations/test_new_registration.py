"""Registrations are inserted in one place, with every column that a person may bring."""

import re
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Registration
from shared.registrations.new_registration import COLUMNS, add_registrations, draw_person
from tests.factories import make_event

ROOT = Path(__file__).parents[3]
LATER = {"id", "name_order", "merged_into", "code", "qr", "version", "moves", "created_at", "sent_again_at", "revision"}
"""What the database computes, and what is written only later."""
INSERTED = re.compile(r"INTO registration\b[^\n]*|\binsert\(Registration\b|add(?:_all)?\(\s*Registration\(")


@pytest.fixture
def talk(db: Session) -> Event:
    return make_event(db, capacity=3)


def _common(talk: Event) -> dict[str, object]:
    confirmed = {"state": "confirmed", "confirmed_at": clock.now(), "language": "tg"}
    return {"event_id": talk.id, "ticket_type_id": talk.ticket_types[0].id, **confirmed}


def test_each_column_that_a_person_may_bring_is_inserted() -> None:
    assert {name.strip() for name in COLUMNS.split(",")} == set(Registration.__table__.columns.keys()) - LATER


def test_every_statement_that_inserts_registrations_has_the_same_columns() -> None:
    modules = [path for tier in ("shared", "web", "worker") for path in (ROOT / tier).rglob("*.py")]
    inserting = {path.name: INSERTED.findall(path.read_text()) for path in modules if "migrations" not in path.parts}
    assert {name: found for name, found in inserting.items() if found} == {
        "new_registration.py": ["INTO registration ({COLUMNS})"],
        "taking_seats.py": ["INTO registration ({COLUMNS})"] * 2,
    }


def test_the_ids_are_in_the_order_of_the_people(db: Session, talk: Event) -> None:
    names = [f"Guest {number}" for number in range(20)]
    people = [draw_person(name) | {"contact_key": name} for name in names]
    ids = add_registrations(db, _common(talk), people)
    assert [db.get_one(Registration, id_).name for id_ in ids] == names


def test_people_of_whom_one_is_registered_already_are_refused_or_added_without_that_one(
    db: Session, talk: Event
) -> None:
    first, second = (draw_person(name) | {"contact_key": name} for name in ("first", "second"))
    add_registrations(db, _common(talk), [first])
    with pytest.raises(IntegrityError), db.begin_nested():
        add_registrations(db, _common(talk), [first, second])
    assert db.query(Registration).count() == 1
    assert len(add_registrations(db, _common(talk), [first, second], leaves_out_known=True)) == 1
    assert db.query(Registration).count() == 2
