"""Attendees, their emails, scans and actions in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared import clock
from shared.audit.activity import Act, Names
from shared.i18n import deferred, format_moment, format_time, gettext, ngettext
from shared.models import CancelledBy, ClosedReason, Event, OutboxMessage, Registration, RegistrationState, TicketType
from shared.outbox.kinds import KINDS
from shared.outbox.outcomes import SENT, SkipReason, failure_of, skip_reason
from shared.registrations import organizer_registrations
from shared.registrations.seats import capacity_of
from shared.scans import MOVES, ScanKind
from shared.wording import said
from web.organizer import delivery_faults
from web.organizer.audit import texts as audit_wording

STATES: Mapping[RegistrationState, str] = {
    RegistrationState.UNCONFIRMED: deferred("people.state_unconfirmed"),
    RegistrationState.CONFIRMED: deferred("people.state_confirmed"),
    RegistrationState.WAITING: deferred("people.state_waiting"),
    RegistrationState.OFFERED: deferred("people.state_offered"),
    RegistrationState.CANCELLED: deferred("people.state_cancelled"),
}
SOURCES = {"by_hand": deferred("people.source_by_hand"), "import": deferred("people.source_file")}
EMAILS: Mapping[str, str] = {kind: row.history_label for kind, row in KINDS.items() if row.history_label}
"""Every email about a registration; emails about accounts belong to no attendee."""
CLOSED: Mapping[str, str] = {
    ClosedReason.DRAFT: deferred("people.closed_draft"),
    ClosedReason.CANCELLED: deferred("people.closed_cancelled"),
    ClosedReason.OVER: deferred("people.closed_over"),
    ClosedReason.DOORS_CLOSED: deferred("people.closed_doors"),
}
SCANS: Mapping[str, str] = {
    ScanKind.IN: deferred("people.checked_in_entry"),
    ScanKind.OUT: deferred("people.left_entry"),
    ScanKind.UNDO: deferred("people.scan_undone_entry"),
    ScanKind.REFUSED: deferred("people.refused_entry"),
}
REASONS = {"by_hand": deferred("people.scan_by_hand"), "paper": deferred("people.scan_paper")}
NOT_SENT: Mapping[SkipReason, str] = {
    SkipReason.NO_ADDRESS: deferred("people.not_sent_no_address"),
    SkipReason.UNSUBSCRIBED: deferred("people.not_sent_unsubscribed"),
    SkipReason.STOPPED: deferred("people.not_sent_stopped"),
}
"""The reasons why an email was skipped; any other one reads "no longer needed"."""
AT_ONCE = timedelta(seconds=5)
"""A confirmation this soon after the registration is part of it: two clocks write the two times."""
CANCELLED_BY: Mapping[CancelledBy, str] = {
    CancelledBy.SELF: deferred("people.cancelled_by_attendee_entry"),
    CancelledBy.ORGANIZER: deferred("people.cancelled_by_organizer_entry"),
    CancelledBy.LAPSED: deferred("people.lapsed_entry"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of an attendee's history: when, what, and a detail."""

    at: datetime
    what: str
    more: str = ""
    is_bad: bool = False
    scan_id: UUID | None = None
    """The scan of this entry, where that can be undone."""


@dataclass(frozen=True, slots=True)
class ActWords:
    """An action on attendees in words: its question with their number, its effect, its button, and its result."""

    question: Callable[[int], str]
    effect: str
    button: Callable[[int], str]
    done: Callable[[int], str]


ACT_WORDS: Mapping[str, ActWords] = {
    "cancel": ActWords(
        lambda n: ngettext("people.cancel_question", n),
        deferred("people.cancel_effect"),
        lambda n: ngettext("people.cancel_many_button", n),
        lambda n: ngettext("people.cancel_done", n),
    ),
    "confirm": ActWords(
        lambda n: ngettext("people.confirm_question", n),
        deferred("people.confirm_effect"),
        lambda n: ngettext("people.confirm_many_button", n),
        lambda n: ngettext("people.confirm_done", n),
    ),
    "send_again": ActWords(
        lambda n: ngettext("people.resend_question", n),
        deferred("people.resend_effect"),
        lambda n: ngettext("people.resend_many_button", n),
        lambda n: ngettext("people.resend_done", n),
    ),
    "promote": ActWords(
        lambda n: ngettext("people.promote_question", n),
        deferred("people.promote_effect"),
        lambda n: ngettext("people.promote_many_button", n),
        lambda n: ngettext("people.promote_done", n),
    ),
    "move": ActWords(
        lambda n: ngettext("people.move_question", n),
        deferred("people.move_effect"),
        lambda n: ngettext("people.move_many_button", n),
        lambda n: ngettext("people.move_done", n),
    ),
}


def done(act: str, count: int, left: int, event: Event) -> str:
    """Return the message above the list after an action on `count` attendees; `left` is how many it did not concern.
    Empty for an unknown action.
    """
    if act == "imported":
        return ngettext("people.imported_done", count)
    if act not in ACT_WORDS:
        return ""
    if act == "promote" and left and full(event, event.ticket_types):
        result = ACT_WORDS[act].done(count) if count else ""
        waiting = ngettext("people.promote_left", left)
        return f"{result} {waiting}".strip()
    unchanged = ngettext("people.left_unchanged", left) if left else ""
    return f"{ACT_WORDS[act].done(count)} {unchanged}".strip()


def closed(event: Event) -> str:
    """Return why no one can be added or get a seat; empty while they can."""
    reason = organizer_registrations.closed(event)
    return gettext(CLOSED[reason]) if reason else ""


def full(event: Event, ticket_types: Sequence[TicketType]) -> str:
    """Return a message that no seat of these ticket types is left; empty while there is one."""
    if event.fits(1) and (not ticket_types or any(ticket_type.fits(1) for ticket_type in ticket_types)):
        return ""
    return gettext("people.all_seats_taken_error")


def state(registration: Any) -> str:
    """Return the state of a registration, or of a row of the list; a walk-in has one of its own, since a walk-in was
    never registered.
    """
    if registration.walk_in and registration.state != RegistrationState.CANCELLED:
        return gettext("people.state_walk_in")
    return gettext(STATES[registration.state])


def too_large(party: int, event: Event, ticket_type: TicketType) -> str:
    """Return a message that a group of `party` people on the waiting list is larger than the number of all seats;
    empty where it is not.
    """
    seats = capacity_of(event, ticket_type)
    if seats is None or party <= seats:
        return ""
    if seats == event.capacity:
        return ngettext("people.group_too_large_event", seats, party=party)
    return ngettext("people.group_too_large_type", seats, party=party)


def source(code: str | None, channels: Mapping[str, str]) -> str:
    """Return the name of a registration's source, of a channel by its code."""
    return gettext(SOURCES[code]) if code in SOURCES else channels.get(code or "", code or "")


def local(moment: datetime, event: Event) -> datetime:
    """Return a moment on the event's clock."""
    return moment.astimezone(ZoneInfo(event.zone))


def written_at(moment: datetime, event: Event) -> str:
    """Return day and time on the event's clock, short enough for a column."""
    return audit_wording.local(moment, event.zone)


def check_in(first_at: int | None, inside: bool, event: Event) -> str:
    """Return an attendee's check-in in words; `first_at` in milliseconds since 1970, empty without one."""
    if first_at is None:
        return ""
    wall, days = local(clock.from_milliseconds(first_at), event), (event.starts_local, event.ends_local)
    is_of_one_day = len({day.date() for day in (*days, wall) if day}) == 1
    time = format_time(wall) if is_of_one_day else format_moment(wall, weekday=False, year=False)
    return gettext("people.inside_since", time=time) if inside else gettext("people.checked_in_at", time=time)


def history(
    registration: Registration,
    event: Event,
    emails: Sequence[OutboxMessage],
    scans: Sequence[Any],
    acts: Sequence[Act],
    *,
    names: Names,
    source: str = "",
) -> list[Moment]:
    """Return an attendee's whole history, the earliest first; `names` are those that the audited acts refer to, and
    `source` is the name of the registration's source.
    """
    moments = [
        *_registration(registration, source),
        *(_email(message, event) for message in emails),
        *_scans(scans, event),
        *(_act(act, event, names) for act in acts),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _registration(registration: Registration, source: str) -> list[Moment]:
    entry = gettext("people.walk_in_entry") if registration.walk_in else gettext("people.registered_entry")
    moments = [Moment(registration.created_at, entry, source)]
    if registration.waited_at:
        moments.append(Moment(registration.waited_at, gettext("people.joined_waiting_list_entry")))
    if registration.confirmed_at and registration.confirmed_at - registration.created_at > AT_ONCE:
        moments.append(Moment(registration.confirmed_at, gettext("people.confirmed_entry")))
    # An organizer's action has an entry of its own from the audit, with a name.
    if registration.cancelled_at and registration.cancelled_by != CancelledBy.ORGANIZER:
        entry = gettext(CANCELLED_BY[registration.cancelled_by]) if registration.cancelled_by else ""
        moments.append(Moment(registration.cancelled_at, entry))
    return moments


def _email(message: OutboxMessage, event: Event) -> Moment:
    what = gettext(EMAILS[message.kind])
    if message.dead_at:
        failed = gettext("people.email_failed", why=_failure(message))
        return Moment(message.dead_at, what, failed, is_bad=True)
    if failure_of(message):
        return Moment(message.created_at, what, delivery_faults.fault_of(message), is_bad=True)
    if message.finished_at is None:
        return Moment(message.created_at, what, _queued(message, event))
    if message.outcome == SENT:
        return Moment(message.finished_at, what, gettext("people.email_accepted"))
    reason = skip_reason(message.outcome)
    why = NOT_SENT.get(reason, delivery_faults.NOT_NEEDED) if reason else delivery_faults.NOT_NEEDED
    return Moment(message.finished_at, what, gettext("people.email_skipped", why=gettext(why)))


def _queued(message: OutboxMessage, event: Event) -> str:
    if message.due_at <= clock.now():
        return gettext("people.email_queued")
    time = format_moment(local(message.due_at, event), weekday=False, year=False)
    return gettext("people.email_queued_until", time=time)


def _failure(message: OutboxMessage) -> str:
    """Return the mail server's last answer in its own words, or the fault in ours: there is no further attempt."""
    return delivery_faults.answer(message.outcome) or delivery_faults.fault_of(message)


def _scans(scans: Sequence[Any], event: Event) -> list[Moment]:
    undone = {scan.undoes for scan in scans if scan.standing}
    return [_scan(scan, event, counts=scan.standing and scan.id not in undone) for scan in scans]


def _scan(scan: Any, event: Event, *, counts: bool) -> Moment:
    is_movement = scan.kind in MOVES
    how = gettext(REASONS[scan.reason]) if scan.reason in REASONS else ""
    does_not_count = gettext("people.scan_not_counted") if is_movement and not counts else ""
    more = ", ".join(filter(None, (said(scan.door, event), scan.volunteer, how, does_not_count)))
    scan_id = scan.id if is_movement and counts else None
    at, what = clock.from_milliseconds(scan.at), gettext(SCANS[scan.kind])
    return Moment(at, what, more, is_bad=scan.kind == ScanKind.REFUSED, scan_id=scan_id)


def _act(act: Act, event: Event, names: Names) -> Moment:
    details = audit_wording.details(act, names, event.zone)
    return Moment(
        act.at, audit_wording.action(act.action), ", ".join(filter(None, (audit_wording.actor(act), details)))
    )
