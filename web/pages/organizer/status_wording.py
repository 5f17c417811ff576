"""What the service is doing, in words: its parts, and the kinds of mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from shared import clock
from shared.i18n import deferred, gettext, ngettext
from shared.models import Event
from shared.operations.heartbeats import SCHEDULER, WORKER
from shared.queries import email_backlog, system_status
from web.pages.organizer.doors.wording import ago

AWAY_SECONDS = 120
"""The worker looks at the outbox each second, but a mail server that hangs may keep it for 80 s."""

NAMES: Mapping[str, tuple[str, str, str]] = {
    WORKER: (
        deferred("The worker, which sends mails, is at work."),
        deferred("The worker was last seen %(ago)s: mails wait. Ask whoever runs Turnout."),
        deferred("The worker was never seen: mails wait. Ask whoever runs Turnout."),
    ),
    SCHEDULER: (
        deferred("The scheduler, which starts what is due, is at work."),
        deferred("The scheduler was last seen %(ago)s: nothing is started. Ask whoever runs Turnout."),
        deferred("The scheduler was never seen: nothing is started. Ask whoever runs Turnout."),
    ),
}
"""What is said of each part while it is at work, when it is away, and when it never was there."""

KINDS: Mapping[str, str] = {
    "registration_confirmed": deferred("Ticket"),
    "ticket_again": deferred("Ticket, once more"),
    "please_confirm": deferred("Please confirm"),
    "joined_waiting_list": deferred("On the waiting list"),
    "seat_offered": deferred("Seat offered"),
    "offer_lapsed": deferred("Offer ended"),
    "event_full": deferred("No seats left"),
    "place_given_up": deferred("Place given up"),
    "place_taken_back": deferred("Place cancelled"),
    "event_cancelled": deferred("Event cancelled"),
    "event_changed": deferred("Event changed"),
    "reminder": deferred("Reminder"),
    "thanks": deferred("Thanks"),
    "mailing": deferred("Mailing"),
    "mailing_test": deferred("Test of a mailing"),
    "invitation": deferred("Invitation"),
}
OTHER = deferred("Mail")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service: what to say of it, and whether somebody should look after it."""

    sentence: str
    is_away: bool


def kind(name: str) -> str:
    """What a mail was about."""
    return gettext(KINDS.get(name, OTHER))


def parts(seen: Mapping[str, float]) -> list[Part]:
    """Worker and scheduler in words, from how many seconds ago each was seen."""
    return [_part(seen.get(name), *sentences) for name, sentences in NAMES.items()]


def trouble(db: Session, event: Event) -> list[str]:
    """What is wrong with an event's mails, a sentence each; empty while all is well."""
    wrong = [part.sentence for part in parts(system_status.heartbeats(db)) if part.is_away]
    backlog = email_backlog.backlog(db, organization_ids=[event.organization_id], event_id=event.id)
    if backlog.given_up:
        failed = ngettext("%(num)s mail could not be sent.", "%(num)s mails could not be sent.", backlog.given_up)
        wrong.append(failed)
    if backlog.retried:
        retried = ngettext(
            "%(num)s mail failed so far and is tried again.",
            "%(num)s mails failed so far and are tried again.",
            backlog.retried,
        )
        wrong.append(retried)
    return wrong


def _part(seconds: float | None, here: str, away: str, never: str) -> Part:
    if seconds is None:
        return Part(gettext(never), True)
    if seconds <= AWAY_SECONDS:
        return Part(gettext(here), False)
    now = clock.now()
    return Part(gettext(away, ago=ago(now - timedelta(seconds=seconds), now)), True)
