"""A ticket is stored without writing any index of registrations anew, and doors learn of everything else."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.config import Settings
from shared.events import events
from shared.models import Event, Registration, RegistrationState
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.factories import make_event, make_registration
from worker.deliveries import draw_ticket

PEOPLE = 8
"""Both versions of each row have room in one page. With more, a transaction of another test, which may still read the
first versions, would keep PostgreSQL from clearing them away in time.
"""
COUNTED = text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'registration'")
APART = text("SELECT count(*) FROM registration WHERE pg_column_toast_chunk_id(qr) IS NOT NULL")


@pytest.fixture
def people(committed: Committed) -> list[int]:
    with committed.sessions.begin() as db:
        talk = events.find(db, slug=make_event(db, capacity=PEOPLE).slug)
        for number in range(PEOPLE):
            person = NewRegistration(name=f"Guest {number}", language="tg", email=f"guest{number}@example.org")
            assert self_service.register_at_once(db, event=talk, new_registration=person)
        return [registration.id for registration in db.query(Registration)]


def _updates(committed: Committed) -> Sequence[int]:
    """Return how many updates there were, and how many that wrote no index."""
    with committed.engine.begin() as connection:
        # A server process counts for itself, and publishes that at most once a second.
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    with committed.engine.begin() as connection:
        return connection.execute(COUNTED).one()


def _draw(committed: Committed, registration_id: int) -> None:
    with committed.sessions.begin() as db:
        registration = db.get_one(Registration, registration_id)
        draw_ticket(registration, registration.event, committed.settings)


def test_a_ticket_is_stored_without_writing_an_index(committed: Committed, people: list[int]) -> None:
    before = _updates(committed)
    for registration_id in people:
        _draw(committed, registration_id)
    after = _updates(committed)
    with committed.engine.begin() as connection:
        # In the row it would be two thirds of it, and a page would have no room.
        assert connection.scalar(APART) == PEOPLE
    assert [now - earlier for now, earlier in zip(after, before, strict=True)] == [PEOPLE, PEOPLE]


@pytest.fixture
def registration(db: Session) -> Registration:
    registration = make_registration(db, code=None)
    # As if an earlier transaction had written it: the trigger, which would say otherwise, is away meanwhile.
    for statement in ("DISABLE TRIGGER stamp_revision", "ENABLE TRIGGER stamp_revision"):
        db.execute(text(f"ALTER TABLE registration {statement}"))
        if statement.startswith("DISABLE"):
            db.execute(text("UPDATE registration SET revision = 0"))
    db.refresh(registration)
    return registration


def test_doors_do_not_learn_of_a_ticket_that_was_drawn(
    db: Session, settings: Settings, registration: Registration
) -> None:
    draw_ticket(registration, db.get_one(Event, registration.event_id), settings)
    db.flush()
    db.refresh(registration)
    assert (registration.code is not None, registration.qr is not None, registration.revision) == (True, True, 0)


CHANGES: dict[str, Callable[[Registration], object]] = {
    "a name": lambda registration: setattr(registration, "name", "Другая"),
    "a state": lambda registration: _cancel(registration),
    "when an email was resent": lambda registration: setattr(registration, "sent_again_at", clock.now()),
    "answers": lambda registration: setattr(registration, "answers", {"diet": "none"}),
    "a language": lambda registration: setattr(registration, "language", "ru"),
}


def _cancel(registration: Registration) -> None:
    registration.state, registration.cancelled_at = RegistrationState.CANCELLED, clock.now() - timedelta(hours=1)


@pytest.mark.parametrize("draws", [False, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_doors_learn_of_everything_else_also_when_a_ticket_is_drawn_with_it(
    db: Session, settings: Settings, registration: Registration, change: Callable[[Registration], object], draws: bool
) -> None:
    change(registration)
    if draws:
        with db.no_autoflush:
            draw_ticket(registration, db.get_one(Event, registration.event_id), settings)
    db.flush()
    db.refresh(registration)
    assert (registration.qr is not None, registration.revision > 0) == (draws, True)
