"""Returning attendees are found by a mark, for three years, and only while the organization wants it."""

import hmac
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.events import editing
from shared.models import Admission, Audit, Event, Registration, Visit
from shared.reports import returning_attendees
from tests.factories import make_account, make_event, make_organization, make_registration

YEAR = timedelta(days=365)


def event_of(
    db: Session, before: Event | None = None, *, ago: timedelta = timedelta(0), private: bool = False
) -> Event:
    """Add an event that began so long ago, of the organization of another one if passed."""
    values = {"organization": before.organization} if before else {}
    return make_event(db, starts_at=clock.now() - ago, private=private, **values)


def attendee_of(db: Session, event: Event, email: str) -> Registration:
    guest = make_registration(db, event, email=email, contact_key=email.lower())
    at = {"first": uuid4(), "first_at": clock.milliseconds(clock.now()), "entries": 1}
    db.add(Admission(person=guest.ticket_id, session_id=event.sessions[0].id, event_id=event.id, **at))
    db.flush()
    return guest


def marks(db: Session) -> int:
    return len(db.scalars(select(Visit)).all())


def test_a_mark_is_the_hmac_of_the_contact_under_a_key_of_the_salt(db: Session) -> None:
    event = event_of(db)
    guest = attendee_of(db, event, "Zarina@Example.org")
    returning_attendees.record_visits(db, event=event)
    assert event.organization.salt is not None
    key = HKDF(SHA256(), 32, None, b"turnout returning").derive(event.organization.salt)
    expected = hmac.digest(key, str(guest.contact_key).encode(), "sha256")
    assert db.scalars(select(Visit.mark)).all() == [expected]


@given(
    salt=st.binary(min_size=16, max_size=16), contact=st.text(min_size=1).filter(lambda letters: "\0" not in letters)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_postgresql_makes_the_mark_that_the_standard_says(db: Session, salt: bytes, contact: str) -> None:
    try:
        octets = contact.encode()
    except UnicodeEncodeError:
        return
    key = HKDF(SHA256(), 32, None, b"turnout returning").derive(salt)
    statement = text(f"SELECT {returning_attendees.MARK} FROM (SELECT CAST(:contact AS text) AS contact_key) AS one")
    assert (
        db.scalar(statement, {"contact": contact, **returning_attendees.pads(salt)})
        == hmac.new(key, octets, sha256).digest()
    )


def test_returning_attendees_are_found_after_the_registration_is_deleted(db: Session) -> None:
    before = event_of(db, ago=timedelta(days=30))
    attendee_of(db, before, "zarina@example.org")
    returning_attendees.record_visits(db, event=before)
    db.execute(delete(Admission).where(Admission.event_id == before.id))
    db.execute(delete(Registration).where(Registration.event_id == before.id))
    now = event_of(db, before)
    again, new = attendee_of(db, now, "ZARINA@example.org"), attendee_of(db, now, "daler@example.org")
    returning = returning_attendees.returning(db, event=now)
    assert returning == {again.ticket_id}
    assert new.ticket_id not in returning


def test_a_no_show_leaves_no_mark(db: Session) -> None:
    before = event_of(db, ago=timedelta(days=30))
    make_registration(db, before, email="zarina@example.org")
    returning_attendees.record_visits(db, event=before)
    assert marks(db) == 0


def test_an_undone_admission_loses_its_mark_with_the_next_report(db: Session) -> None:
    event = event_of(db)
    guest = attendee_of(db, event, "zarina@example.org")
    returning_attendees.record_visits(db, event=event)
    attendee_of(db, event, "daler@example.org")
    db.execute(delete(Admission).where(Admission.person == guest.ticket_id))
    returning_attendees.record_visits(db, event=event)
    assert marks(db) == 1


def test_later_events_and_other_organizations_make_no_returning_attendee(db: Session) -> None:
    now = event_of(db, ago=timedelta(days=30))
    attendee_of(db, now, "zarina@example.org")
    for elsewhere in (
        event_of(db, now),
        make_event(db, organization=make_organization(db), starts_at=clock.now() - YEAR),
    ):
        attendee_of(db, elsewhere, "zarina@example.org")
        returning_attendees.record_visits(db, event=elsewhere)
    assert returning_attendees.returning(db, event=now) == frozenset()


def test_a_private_event_stores_no_marks_and_deletes_earlier_ones(db: Session) -> None:
    event = event_of(db)
    attendee_of(db, event, "zarina@example.org")
    returning_attendees.record_visits(db, event=event)
    event.private = True
    returning_attendees.record_visits(db, event=event)
    assert marks(db) == 0
    assert returning_attendees.returning(db, event=event) is None


def test_after_three_years_no_one_is_returning_and_marks_are_deleted(db: Session) -> None:
    old = event_of(db, ago=3 * YEAR + timedelta(days=2))
    recent = event_of(db, old, ago=3 * YEAR - timedelta(days=2))
    for event, email in ((old, "zarina@example.org"), (recent, "daler@example.org")):
        attendee_of(db, event, email)
        returning_attendees.record_visits(db, event=event)
    now = event_of(db, old)
    attendee_of(db, now, "zarina@example.org")
    attendee = attendee_of(db, now, "daler@example.org")
    assert returning_attendees.returning(db, event=now) == {attendee.ticket_id}
    assert returning_attendees.delete_old(db) == 1
    assert db.scalars(select(Visit.event_id)).all() == [recent.id]


def test_an_organization_may_forget_and_begin_again(db: Session) -> None:
    before = event_of(db, ago=timedelta(days=30))
    organization, by = before.organization, make_account(db)
    attendee_of(db, before, "zarina@example.org")
    returning_attendees.record_visits(db, event=before)
    returning_attendees.delete_all(db, organization=organization, by=by)
    now = event_of(db, before)
    assert (organization.salt, marks(db), returning_attendees.returning(db, event=now)) == (None, 0, None)
    returning_attendees.record_visits(db, event=now)
    assert marks(db) == 0
    returning_attendees.enable(db, organization=organization, by=by)
    returning_attendees.enable(db, organization=organization, by=by)
    assert returning_attendees.returning(db, event=now) == frozenset()
    assert db.scalars(select(Audit.action).order_by(Audit.id)).all() == [
        "returning_attendees.deleted",
        "returning_attendees.enabled",
    ]


def test_deleting_marks_concerns_one_organization(db: Session) -> None:
    event, other_event = event_of(db), make_event(db, organization=make_organization(db), starts_at=clock.now())
    for visited in (event, other_event):
        attendee_of(db, visited, "zarina@example.org")
        returning_attendees.record_visits(db, event=visited)
    returning_attendees.delete_all(db, organization=event.organization, by=make_account(db))
    assert db.scalars(select(Visit.event_id)).all() == [other_event.id]


def test_an_event_that_becomes_private_deletes_its_marks_at_once(db: Session) -> None:
    event, by = event_of(db), make_account(db)
    attendee_of(db, event, "zarina@example.org")
    returning_attendees.record_visits(db, event=event)
    values = {name: getattr(event, name) for name in ("capacity", "opens_at", "closes_at", "retention_days")}
    editing.set_registration(db, event=event, by=by, values={**values, "private": True})
    assert marks(db) == 0
