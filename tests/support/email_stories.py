"""A story for each kind of message: the events until its email is due."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.events import announcements
from shared.models import Event, Mailing, Registration
from shared.registrations import self_service
from tests.factories import make_account, make_event, make_registration, move_event

STARTS = datetime(clock.now().year + 2, 12, 5, 13, 0, tzinfo=UTC)
"""In another year also where the tests run over New Year; so the year is said."""
RECAP = {"en": "Forty people came.\n\nThe <slides> are on the page."}
BECAUSE = {"en": "The speaker is ill.", "ru": "Докладчик болеет.", "tg": "Суханвар бемор аст."}
Story = Callable[..., Registration]


def holding(state: str) -> Story:
    def sign_up(db: Session, event: Event, **who: Any) -> Registration:
        until = {"state": state, "confirmed_at": None, "deadline": STARTS - timedelta(days=1, minutes=10)}
        return make_registration(db, event, **{**until, **who})

    return sign_up


def waiting(db: Session, event: Event, **who: Any) -> Registration:
    return make_registration(db, event, state="waiting", confirmed_at=None, waited_at=clock.now(), **who)


def lapsed(db: Session, event: Event, **who: Any) -> Registration:
    gone = {"state": "cancelled", "confirmed_at": None, "cancelled_at": clock.now(), "cancelled_by": "lapsed"}
    return make_registration(db, event, **gone, **who)


def cancelled(by: str) -> Story:
    def sign_up_and_cancel(db: Session, event: Event, **who: Any) -> Registration:
        registration = make_registration(db, event, **who)
        return self_service.cancel(db, registration_id=registration.id, by=by)

    return sign_up_and_cancel


def called_off(db: Session, event: Event, **who: Any) -> Registration:
    registration = make_registration(db, event, **who)
    announcements.cancel(db, event=event, because=BECAUSE, by=make_account(db))
    return registration


def moved(db: Session, event: Event, **who: Any) -> Registration:
    registration = make_registration(db, event, **who)
    starts = event.starts_local.replace(hour=19)
    move_event(db, event, starts=starts, ends=starts + timedelta(hours=2))
    return registration


MAILING = 4242
"""The id of the mailing of the story; an id of a test's own would be drawn from the sequence."""
SUBJECT = {"en": "We missed you", "ru": "Вас не хватало", "tg": "Шумо набудед"}
LETTER = {
    "en": "Hello, {name}.\n\nThe talks are here:\nhttps://example.org/talks\n\nCome again <soon>.",
    "ru": "Здравствуйте, {имя}.\n\nВыступления — здесь.",
    "tg": "Салом, {ном}.\n\nСуханрониҳо — ин ҷо.",
}


def written_to(db: Session, event: Event, **who: Any) -> Registration:
    written = {"subject": SUBJECT, "body": LETTER, "audience": "confirmed", "due_at": clock.now()}
    if db.get(Mailing, MAILING) is None:
        db.add(Mailing(id=MAILING, event_id=event.id, started_at=clock.now(), **written))
    db.get_one(Mailing, MAILING).event_id = event.id
    return make_registration(db, event, **who)


STORIES: Mapping[str, Story] = {
    "registration_confirmed": make_registration,
    "ticket_again": make_registration,
    "please_confirm": holding("unconfirmed"),
    "joined_waiting_list": waiting,
    "seat_offered": holding("offered"),
    "offer_lapsed": lapsed,
    "event_full": lapsed,
    "place_given_up": cancelled("self"),
    "place_taken_back": cancelled("organizer"),
    "event_cancelled": called_off,
    "event_changed": moved,
    "reminder": make_registration,
    "thanks": make_registration,
    "mailing": written_to,
}
KEYS = {"event_changed": "1:time", "reminder": "2d", "mailing": str(MAILING)}
every_kind = pytest.mark.parametrize("kind", list(STORIES))


def event_for(db: Session, kind: str, **overrides: Any) -> Event:
    if kind == "thanks":
        overrides = {"starts_at": clock.now() - timedelta(days=1), "recap": RECAP, **overrides}
    return make_event(db, **{"starts_at": STARTS, "venue": {"en": "National Library"}, **overrides})
