"""Emails that are not sent, since what they say is not true any more."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.events import announcements
from shared.mailings import mailings
from shared.models import Registration
from shared.registrations import self_service
from tests.factories import make_account, move_event
from tests.support.email_stories import (
    BECAUSE,
    KEYS,
    STORIES,
    event_for,
    lapsed,
    moved,
)
from tests.worker.conftest import Post, enqueued_message
from worker.deliveries import prepare
from worker.email_message import Skipped


def confirm(db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() + timedelta(hours=1)
    self_service.confirm(db, registration=registration)


def run_out(_db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() - timedelta(seconds=1)


def give_up(db: Session, registration: Registration) -> None:
    self_service.cancel(db, registration_id=registration.id, by="self")


def call_off(db: Session, registration: Registration) -> None:
    announcements.cancel(db, event=registration.event, because=BECAUSE, by=make_account(db))


def refuse_news(db: Session, registration: Registration) -> None:
    mailings.unsubscribe(db, registration=registration)


def start(db: Session, registration: Registration) -> None:
    zone_start = clock.now().replace(tzinfo=None) + timedelta(hours=4)
    move_event(db, registration.event, starts=zone_start, ends=zone_start + timedelta(hours=9))


def forgo_reminders(_db: Session, registration: Registration) -> None:
    registration.event.reminders = False


def take_recap_back(_db: Session, registration: Registration) -> None:
    registration.event.recap = {}


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("please_confirm", confirm),
        ("please_confirm", run_out),
        ("please_confirm", call_off),
        ("joined_waiting_list", give_up),
        ("joined_waiting_list", start),
        ("joined_waiting_list", call_off),
        ("seat_offered", confirm),
        ("seat_offered", run_out),
        ("seat_offered", call_off),
        ("offer_lapsed", call_off),
        ("event_full", call_off),
        ("event_changed", give_up),
        ("event_changed", call_off),
        ("reminder", give_up),
        ("reminder", call_off),
        ("reminder", start),
        ("reminder", forgo_reminders),
        ("reminder", refuse_news),
        ("thanks", refuse_news),
        ("thanks", take_recap_back),
    ],
)
def test_untrue_news_is_not_emailed(db, mailing, kind, meanwhile):
    registration = STORIES[kind](db, event_for(db, kind))
    owed = enqueued_message(db, registration, kind, KEYS.get(kind, ""))
    meanwhile(db, registration)
    db.flush()
    assert isinstance(prepare(db, owed, mailing), Skipped)


def test_a_refused_organization_still_sends_tickets_and_changes(db, tell, post: Post):
    registration = moved(db, event_for(db, "event_changed"))
    refuse_news(db, registration)
    assert post(registration, "event_changed", "1:time")
    assert post(registration, "ticket_again")


def test_a_lapsed_registration_is_not_called_cancelled(db, mailing):
    registration = lapsed(db, event_for(db, "place_taken_back"))
    owed = enqueued_message(db, registration, "place_taken_back")
    assert prepare(db, owed, mailing) == Skipped("not cancelled by the organizer")
