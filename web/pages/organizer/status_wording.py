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
        deferred("status.worker_running"),
        deferred("status.worker_away"),
        deferred("status.worker_never"),
    ),
    SCHEDULER: (
        deferred("status.scheduler_running"),
        deferred("status.scheduler_away"),
        deferred("status.scheduler_never"),
    ),
}
"""What is said of each part while it is at work, when it is away, and when it never was there."""

KINDS: Mapping[str, str] = {
    "registration_confirmed": deferred("delivery.kind_ticket"),
    "ticket_again": deferred("delivery.kind_ticket_resent"),
    "please_confirm": deferred("delivery.kind_confirm"),
    "joined_waiting_list": deferred("common.email_type_waiting_list"),
    "seat_offered": deferred("delivery.kind_seat_offered"),
    "offer_lapsed": deferred("delivery.kind_offer_expired"),
    "event_full": deferred("email.kind_event_full"),
    "place_given_up": deferred("common.email_type_cancelled_by_attendee"),
    "place_taken_back": deferred("delivery.kind_cancelled_by_organizer"),
    "event_cancelled": deferred("delivery.kind_event_cancelled"),
    "event_changed": deferred("delivery.kind_event_changed"),
    "reminder": deferred("delivery.kind_reminder"),
    "thanks": deferred("delivery.kind_thanks"),
    "mailing": deferred("delivery.kind_mailing"),
    "mailing_test": deferred("delivery.kind_mailing_test"),
    "invitation": deferred("delivery.kind_invitation"),
}
OTHER = deferred("delivery.kind_other")


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
        failed = ngettext("delivery.failed_count", backlog.given_up)
        wrong.append(failed)
    if backlog.retried:
        retried = ngettext(
            "delivery.retried_count",
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
