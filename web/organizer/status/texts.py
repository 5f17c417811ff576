"""The system status in words: worker and scheduler, the types of email, and the problems of an event's emails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from shared import clock
from shared.heartbeats import SCHEDULER, WORKER
from shared.i18n import deferred, gettext, ngettext
from shared.models import Event
from shared.outbox import email_backlog, system_status
from shared.outbox.kinds import KINDS
from web.organizer.doors.texts import ago

AWAY_SECONDS = 120
"""The worker reads the outbox each second, but a mail server that hangs can block it for 80 s."""

COMPONENTS: Mapping[str, tuple[str, str, str]] = {
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
"""The sentences of each component: while it runs, when it has stopped, and when it has never run."""

EMAIL_TYPES: Mapping[str, str] = {kind: row.type_label for kind, row in KINDS.items() if row.type_label}
OTHER = deferred("delivery.kind_other")


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the system: the sentence about it, and whether it has stopped and needs attention."""

    sentence: str
    is_away: bool


def email_type(name: str) -> str:
    """Return the type of an email in words."""
    return gettext(EMAIL_TYPES.get(name, OTHER))


def components(heartbeats: Mapping[str, float]) -> list[Component]:
    """Return worker and scheduler in words, from the age in seconds of each one's last heartbeat."""
    return [_component(heartbeats.get(name), *sentences) for name, sentences in COMPONENTS.items()]


def trouble(db: Session, event: Event) -> list[str]:
    """Return a sentence for each problem with an event's emails; empty without any."""
    sentences = [component.sentence for component in components(system_status.heartbeats(db)) if component.is_away]
    backlog = email_backlog.backlog(db, organization_ids=[event.organization_id], event_id=event.id)
    if backlog.given_up:
        sentences.append(ngettext("delivery.failed_count", backlog.given_up))
    if backlog.retried:
        sentences.append(ngettext("delivery.retried_count", backlog.retried))
    return sentences


def _component(age: float | None, running: str, away: str, never: str) -> Component:
    if age is None:
        return Component(gettext(never), True)
    if age <= AWAY_SECONDS:
        return Component(gettext(running), False)
    now = clock.now()
    return Component(gettext(away, ago=ago(now - timedelta(seconds=age), now)), True)
