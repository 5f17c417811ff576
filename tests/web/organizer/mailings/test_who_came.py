"""A mailing to attendees who came or did not is sent only where attendance is known: scanned, not cancelled, and the
last session started.
"""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.events import announcements
from shared.mailings import audiences, mailings
from shared.models import Audit, Device, Event, Mailing, OutboxMessage
from tests.factories import make_account, make_registration
from tests.support.form_filling import form_in
from tests.support.mailing_form import act, base
from tests.support.scans import claim, hand_in

TOO_EARLY = "Attendance is not known until the last session of the event begins."
CANCELLED = "The event is cancelled, so no one came and there are no no-shows."
NOT_SCANNED = "No ticket was scanned at this event, so attendance is not known."
AUDIENCES = pytest.mark.parametrize("name", ["came", "did_not_come"])


def shift(event: Event, distance: timedelta) -> None:
    for row in (event, *event.sessions):
        for name in ("starts_local", "ends_local", "starts_at", "ends_at"):
            setattr(row, name, getattr(row, name) + distance)


def why(db: Session, event: Event, name: str) -> str | None:
    return audiences.unknown_because(db, event=event, name=name, at=clock.now())


def option(page: str, name: str) -> str:
    return " ".join(page.partition(f'name="audience" value="{name}"')[2].partition("</label>")[0].split())


@pytest.fixture
def scanned(db: Session, event: Event, phone: Device) -> None:
    """One attendee is checked in, at an event that is on."""
    hand_in(db, phone, claim(event, person=make_registration(db, event, name="Came").ticket_id))


@pytest.fixture
def to_the_absent(db: Session, event: Event, draft: Mailing) -> Mailing:
    """A mailing to no-shows."""
    draft.audience = "did_not_come"
    make_registration(db, event)
    db.flush()
    return draft


@pytest.fixture
def ahead(db: Session, event: Event, to_the_absent: Mailing) -> Mailing:
    """A mailing to no-shows of an event that starts in three days."""
    shift(event, timedelta(days=3))
    db.flush()
    return to_the_absent


@AUDIENCES
@pytest.mark.usefixtures("to_the_absent")
def test_without_scans_attendance_is_unknown(db: Session, event: Event, phone: Device, name: str) -> None:
    assert why(db, event, name) == "not_scanned"
    scan = claim(event, person=make_registration(db, event).ticket_id)
    hand_in(db, phone, scan)
    assert why(db, event, name) is None
    hand_in(db, phone, claim(event, person=scan.person, kind="undo", undoes=scan.id, at=scan.at + 1))
    assert why(db, event, name) == "not_scanned", "taken back, it does not stand"
    assert why(db, event, "confirmed") is None


@AUDIENCES
@pytest.mark.usefixtures("scanned")
def test_attendance_is_known_once_the_last_session_has_started(db: Session, event: Event, name: str) -> None:
    last = event.sessions[0]
    last.starts_at = clock.now() + timedelta(hours=20)
    assert why(db, event, name) == "too_early", "somebody may hold a ticket to what is still to come"
    last.starts_at = clock.now() - timedelta(minutes=1)
    assert why(db, event, name) is None
    event.starts_at = last.starts_at = None
    assert why(db, event, name) == "too_early", "nobody knows when it begins"


@AUDIENCES
@pytest.mark.usefixtures("scanned")
def test_a_cancelled_event_has_no_attendance(db: Session, event: Event, name: str) -> None:
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    assert why(db, event, name) == "cancelled"


def test_without_scans_nothing_is_sent_to_no_shows(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    page = organizer.get(base(event, to_the_absent)).text
    assert NOT_SCANNED in page
    assert "would be sent now" not in page
    assert "/send" not in page
    assert "/schedule" not in page
    answer = act(organizer, event, to_the_absent, "send")
    assert (answer.status_code, NOT_SCANNED in answer.text) == (409, True)
    answer = act(organizer, event, to_the_absent, "schedule", at=f"{clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}")
    assert answer.status_code == 422
    assert NOT_SCANNED in answer.text.split('id="schedule-at-error">')[1].split("</p>")[0]
    db.refresh(to_the_absent)
    assert to_the_absent.due_at is None


def test_a_person_who_may_have_come_is_not_called(
    organizer: FlaskClient, db: Session, event: Event, phone: Device, to_the_absent: Mailing
) -> None:
    make_registration(db, event, name="Zarina", email=None, contact_key="+992900000001", phone="+992900000001")
    calls = f"{base(event, to_the_absent)}calls"
    assert NOT_SCANNED in organizer.get(calls).text
    assert "Zarina" not in organizer.get(calls).text
    hand_in(db, phone, claim(event, person=make_registration(db, event).ticket_id))
    assert "Zarina" in organizer.get(calls).text


@pytest.mark.usefixtures("scanned")
def test_with_scans_a_mailing_goes_to_no_shows(organizer: FlaskClient, event: Event, to_the_absent: Mailing) -> None:
    assert "1 email would be sent now." in organizer.get(base(event, to_the_absent)).text
    assert act(organizer, event, to_the_absent, "send").status_code == 303


@AUDIENCES
def test_the_form_disables_an_unknown_audience_with_the_reason(
    organizer: FlaskClient, db: Session, event: Event, phone: Device, name: str
) -> None:
    make_registration(db, event)
    choice = option(organizer.get(f"{base(event)}new").text, name)
    assert "disabled" in choice
    assert NOT_SCANNED in choice
    assert "mail" not in choice.partition("<span>")[2].partition("<span")[0], "no number of emails"
    assert "disabled" not in option(organizer.get(f"{base(event)}new").text, "confirmed")
    hand_in(db, phone, claim(event, person=make_registration(db, event).ticket_id))
    assert "disabled" not in option(organizer.get(f"{base(event)}new").text, name)
    assert "1 email" in option(organizer.get(f"{base(event)}new").text, name)
    announcements.cancel(db, event=event, because={}, by=make_account(db))
    choice = option(organizer.get(f"{base(event)}new").text, name)
    assert "disabled" in choice
    assert CANCELLED in choice


def test_before_the_event_it_can_be_written_and_scheduled(
    organizer: FlaskClient, db: Session, event: Event, ahead: Mailing
) -> None:
    choice = option(organizer.get(f"{base(event)}new").text, "did_not_come")
    assert TOO_EARLY in choice
    assert "disabled" not in choice
    page = organizer.get(base(event, ahead)).text
    assert f"{TOO_EARLY} Schedule the mailing for a time after the last session begins, or come back then." in page
    assert "/send" not in page
    early, late = (f"{clock.now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (2, 4))
    answer = act(organizer, event, ahead, "schedule", at=early)
    assert answer.status_code == 422
    assert TOO_EARLY in answer.text.split('id="schedule-at-error">')[1].split("</p>")[0]
    assert f'value="{early}"' in answer.text
    db.refresh(ahead)
    assert ahead.due_at is None
    assert act(organizer, event, ahead, "schedule", at=late).status_code == 303
    answer = act(organizer, event, ahead, "send")
    assert (answer.status_code, TOO_EARLY in answer.text) == (409, True)


def test_a_mailing_scheduled_before_the_start_cannot_change_to_no_shows(
    organizer: FlaskClient, db: Session, event: Event, ahead: Mailing
) -> None:
    ahead.audience, ahead.due_at = "confirmed", clock.now() + timedelta(days=1)
    db.flush()
    edit = f"{base(event, ahead)}edit"
    form = form_in(organizer.get(edit).text, edit)
    answer = organizer.post(edit, data={**form, "audience": "did_not_come"})
    assert answer.status_code == 422
    assert TOO_EARLY in answer.text
    db.refresh(ahead)
    assert ahead.audience == "confirmed"


@pytest.mark.parametrize("reason", ["too_early", "cancelled", "not_scanned"])
def test_a_due_mailing_with_unknown_attendance_becomes_a_draft_again(
    db: Session, event: Event, to_the_absent: Mailing, reason: str
) -> None:
    if reason == "too_early":
        shift(event, timedelta(days=3))
    if reason == "cancelled":
        event.state = "cancelled"
    to_the_absent.due_at = clock.now() - timedelta(seconds=1)
    db.flush()
    assert why(db, event, "did_not_come") == reason
    assert mailings.begin(db, mailing_id=to_the_absent.id, now=clock.now()) is None
    db.flush()
    db.refresh(to_the_absent)
    assert (to_the_absent.due_at, to_the_absent.started_at) == (None, None)
    assert db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mailing")).all() == []
    assert db.scalars(select(Audit.action)).all()[-1] == "mailing.unscheduled"
