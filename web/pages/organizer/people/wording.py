"""People, their mails, scans and acts in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared import clock
from shared.i18n import deferred, format_moment, format_time, gettext, ngettext
from shared.models import Event, OutboxMessage, Registration, TicketType
from shared.operations import organizer_registrations
from shared.operations.seats import capacity_of
from shared.queries.audit import Act, Names
from shared.wording import said
from web.pages.organizer import audit_wording, delivery_faults

STATES = {
    "unconfirmed": deferred("people.state_unconfirmed"),
    "confirmed": deferred("people.state_confirmed"),
    "waiting": deferred("people.state_waiting"),
    "offered": deferred("people.state_offered"),
    "cancelled": deferred("people.state_cancelled"),
}
SOURCES = {"by_hand": deferred("people.source_by_hand"), "import": deferred("people.source_file")}
MAILS = {
    "registration_confirmed": deferred("people.email_ticket"),
    "ticket_again": deferred("people.email_ticket_again"),
    "please_confirm": deferred("people.email_confirm"),
    "seat_offered": deferred("people.email_seat_offered"),
    "joined_waiting_list": deferred("people.email_waiting"),
    "offer_lapsed": deferred("people.email_offer_lapsed"),
    "event_full": deferred("people.email_event_full"),
    "place_given_up": deferred("people.email_cancelled_by_attendee"),
    "place_taken_back": deferred("people.email_cancelled_by_organizer"),
    "event_cancelled": deferred("people.email_event_cancelled"),
    "event_changed": deferred("people.email_event_changed"),
    "reminder": deferred("people.email_reminder"),
    "thanks": deferred("people.email_thanks"),
    "mailing": deferred("people.email_mailing"),
}
"""Every mail about a registration; those about accounts are nobody's here."""
CLOSED = {
    "draft": deferred("people.closed_draft"),
    "cancelled": deferred("people.closed_cancelled"),
    "over": deferred("people.closed_over"),
    "doors_closed": deferred("people.closed_doors"),
}
SCANS = {
    "in": deferred("people.checked_in_entry"),
    "out": deferred("people.left_entry"),
    "undo": deferred("people.scan_undone_entry"),
    "refused": deferred("people.refused_entry"),
}
REASONS = {"by_hand": deferred("people.scan_by_hand"), "paper": deferred("people.scan_paper")}
NOT_SENT = {
    "no address": deferred("people.not_sent_no_address"),
    "wants no news": deferred("people.not_sent_unsubscribed"),
    "stopped": deferred("people.not_sent_stopped"),
}
"""Why a mail was not sent; of all other reasons it is enough that something else came before it."""
AT_ONCE = timedelta(seconds=5)
"""What is confirmed as it is registered: two clocks write the two times."""
CANCELLED_BY = {
    "self": deferred("people.cancelled_by_attendee_entry"),
    "organizer": deferred("people.cancelled_by_organizer_entry"),
    "lapsed": deferred("people.lapsed_entry"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of somebody's story: when (empty where not known exactly), what, and a word more."""

    at: datetime
    what: str
    more: str = ""
    is_bad: bool = False
    scan_id: UUID | None = None
    """The scan that it tells of, where that can be taken back."""


@dataclass(frozen=True, slots=True)
class ActWords:
    """An act on people: its question with the count, what follows from it, its button, and what is said when done."""

    question: Callable[[int], str]
    follows: str
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


def done(word: str, count: int, left: int, event: Event) -> str:
    """What stands above the list after an act; empty for a word that is none."""
    if word == "imported":
        return ngettext("people.imported_done", count)
    if word not in ACT_WORDS:
        return ""
    if word == "promote" and left and full(event, event.ticket_types):
        seated = ACT_WORDS[word].done(count) if count else ""
        waiting = ngettext(
            "people.promote_left",
            left,
        )
        return f"{seated} {waiting}".strip()
    said_left = (
        ngettext(
            "people.left_unchanged",
            left,
        )
        if left
        else ""
    )
    return f"{ACT_WORDS[word].done(count)} {said_left}".strip()


def closed(event: Event) -> str:
    """Why nobody can be added or given a seat; empty while they can."""
    reason = organizer_registrations.closed(event)
    return gettext(CLOSED[reason]) if reason else ""


def full(event: Event, kinds: Sequence[TicketType]) -> str:
    """Why no ticket of these types is left; empty while one is."""
    if not (_is_full(event) or (kinds and all(map(_is_full, kinds)))):
        return ""
    return gettext("people.all_seats_taken_error")


def _is_full(seated: Event | TicketType) -> bool:
    return seated.capacity is not None and seated.taken >= seated.capacity


def state(one: Any) -> str:
    """How it stands with a registration, or a row of the list; who came without one was never registered."""
    if one.walk_in and one.state != "cancelled":
        return gettext("people.state_walk_in")
    return gettext(STATES[one.state])


def too_large(party: int, event: Event, kind: TicketType) -> str:
    """That so many people who wait together wait in vain: there are fewer seats in all. Empty for who can have some."""
    seats = capacity_of(event, kind)
    if seats is None or party <= seats:
        return ""
    if seats == event.capacity:
        return ngettext(
            "people.group_too_large_event",
            seats,
            party=party,
        )
    return ngettext(
        "people.group_too_large_type",
        seats,
        party=party,
    )


def source(word: str | None, channels: Mapping[str, str]) -> str:
    """Where somebody came from: a channel, known by its code, by its name."""
    return gettext(SOURCES[word]) if word in SOURCES else channels.get(word or "", word or "")


def local(moment: datetime, event: Event) -> datetime:
    """On the event's own clock."""
    return moment.astimezone(ZoneInfo(event.zone))


def written_at(moment: datetime, event: Event) -> str:
    """Day and time on the event's clock, short enough for a column."""
    return audit_wording.local(moment, event.zone)


def coming(first_at: int | None, inside: bool, event: Event) -> str:
    """Whether somebody came, and when; `first_at` in milliseconds since 1970."""
    if first_at is None:
        return ""
    wall, days = local(clock.from_milliseconds(first_at), event), (event.starts_local, event.ends_local)
    is_of_one_day = len({day.date() for day in (*days, wall) if day}) == 1
    time = format_time(wall) if is_of_one_day else format_moment(wall, weekday=False, year=False)
    return gettext("people.inside_since", time=time) if inside else gettext("people.checked_in_at", time=time)


def story(
    one: Registration,
    event: Event,
    mails: Sequence[OutboxMessage],
    scans: Sequence[Any],
    acts: Sequence[Act],
    *,
    names: Names,
    came_by: str = "",
) -> list[Moment]:
    """Everything that happened to somebody, in order; `names` are those of what the acts are about, and `came_by` is
    their source in words.
    """
    done_by = (_act(act, event, names) for act in acts)
    moments = [*_own(one, came_by), *(_mail(mail, event) for mail in mails), *_scans(scans, event), *done_by]
    return sorted(moments, key=lambda moment: moment.at)


def _own(one: Registration, came_by: str) -> list[Moment]:
    came_in = gettext("people.walk_in_entry") if one.walk_in else gettext("people.registered_entry")
    found = [Moment(one.created_at, came_in, came_by)]
    if one.waited_at:
        found.append(Moment(one.waited_at, gettext("people.joined_waiting_list_entry")))
    if one.confirmed_at and one.confirmed_at - one.created_at > AT_ONCE:
        found.append(Moment(one.confirmed_at, gettext("people.confirmed_entry")))
    # An organizer's act stands in the audit with a name.
    if one.cancelled_at and one.cancelled_by != "organizer":
        found.append(Moment(one.cancelled_at, gettext(CANCELLED_BY.get(one.cancelled_by or "", ""))))
    return found


def _mail(mail: OutboxMessage, event: Event) -> Moment:
    what = gettext(MAILS[mail.kind])
    if mail.dead_at:
        return Moment(mail.dead_at, what, gettext("people.email_failed", why=_failure(mail.outcome)), is_bad=True)
    if mail.finished_at is None and mail.outcome:
        return Moment(mail.created_at, what, delivery_faults.fault(mail.outcome), is_bad=True)
    if mail.finished_at is None:
        return Moment(mail.created_at, what, _way(mail, event))
    if mail.outcome == "sent":
        return Moment(mail.finished_at, what, gettext("people.email_accepted"))
    why = NOT_SENT.get((mail.outcome or "").removeprefix("skipped: "), deferred("people.not_sent_not_needed"))
    return Moment(mail.finished_at, what, gettext("people.email_skipped", why=gettext(why)))


def _way(mail: OutboxMessage, event: Event) -> str:
    if mail.due_at <= clock.now():
        return gettext("people.email_queued")
    time = format_moment(local(mail.due_at, event), weekday=False, year=False)
    return gettext("people.email_queued_until", time=time)


def _failure(outcome: str | None) -> str:
    """What was answered at the end, in the words of whoever answered: it is tried no more."""
    return delivery_faults.answer(outcome) or delivery_faults.fault(outcome, has_failed=True)


def _scans(scans: Sequence[Any], event: Event) -> list[Moment]:
    undone = {scan.undoes for scan in scans if scan.standing}
    return [_scan(scan, event, counts=scan.standing and scan.id not in undone) for scan in scans]


def _scan(scan: Any, event: Event, *, counts: bool) -> Moment:
    moved = scan.kind in {"in", "out"}
    how = gettext(REASONS[scan.reason]) if scan.reason in REASONS else ""
    does_not_count = gettext("people.scan_not_counted") if moved and not counts else ""
    more = ", ".join(filter(None, (said(scan.door, event), scan.volunteer, how, does_not_count)))
    scan_id = scan.id if moved and counts else None
    at, what = clock.from_milliseconds(scan.at), gettext(SCANS[scan.kind])
    return Moment(at, what, more, is_bad=scan.kind == "refused", scan_id=scan_id)


def _act(act: Act, event: Event, names: Names) -> Moment:
    told = audit_wording.details(act, names, event.zone)
    return Moment(act.at, audit_wording.action(act.action), ", ".join(filter(None, (audit_wording.actor(act), told))))
