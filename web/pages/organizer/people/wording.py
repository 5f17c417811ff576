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
    "unconfirmed": deferred("not confirmed yet"),
    "confirmed": deferred("registered"),
    "waiting": deferred("in the waiting list"),
    "offered": deferred("offered a seat"),
    "cancelled": deferred("place cancelled"),
}
SOURCES = {"by_hand": deferred("added by hand"), "import": deferred("from a list")}
MAILS = {
    "registration_confirmed": deferred("Mail: the ticket"),
    "ticket_again": deferred("Mail: the ticket again"),
    "please_confirm": deferred("Mail: please confirm"),
    "seat_offered": deferred("Mail: a seat is free"),
    "joined_waiting_list": deferred("Mail: in the waiting list"),
    "offer_lapsed": deferred("Mail: the seat went on"),
    "event_full": deferred("Mail: no seat"),
    "place_given_up": deferred("Mail: the place is given up"),
    "place_taken_back": deferred("Mail: the place is cancelled"),
    "event_cancelled": deferred("Mail: the event is cancelled"),
    "event_changed": deferred("Mail: time or place changed"),
    "reminder": deferred("Mail: reminder"),
    "thanks": deferred("Mail: thanks"),
    "mailing": deferred("Mail: a mailing"),
}
"""Every mail about a registration; those about accounts are nobody's here."""
CLOSED = {
    "draft": deferred("People can be added once the event is published."),
    "cancelled": deferred("The event is cancelled: nobody can be added or given a seat."),
    "over": deferred("The event is over: nobody can be added or given a seat any more."),
    "doors_closed": deferred("The doors are closed: nobody can be added or given a seat any more."),
}
SCANS = {
    "in": deferred("Let in"),
    "out": deferred("Went out"),
    "undo": deferred("A scan was taken back"),
    "refused": deferred("Not let in"),
}
REASONS = {"by_hand": deferred("in the list, by hand"), "paper": deferred("ticked on paper, the time is not known")}
NOT_SENT = {
    "no address": deferred("there is no address"),
    "wants no news": deferred("news are not wanted"),
    "stopped": deferred("the mailing was stopped"),
}
"""Why a mail was not sent; of all other reasons it is enough that something else came before it."""
AT_ONCE = timedelta(seconds=5)
"""What is confirmed as it is registered: two clocks write the two times."""
CANCELLED_BY = {
    "self": deferred("Gave the place up"),
    "organizer": deferred("Place cancelled by an organizer"),
    "lapsed": deferred("Place lapsed: not confirmed in time"),
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
        lambda n: ngettext("Cancel the place of %(num)s person?", "Cancel the places of %(num)s people?", n),
        deferred("Whoever gave an address gets a mail that says so. Seats go to who waits for one."),
        lambda n: ngettext("Cancel %(num)s place", "Cancel %(num)s places", n),
        lambda n: ngettext("%(num)s place is cancelled.", "%(num)s places are cancelled.", n),
    ),
    "confirm": ActWords(
        lambda n: ngettext("Confirm the seat of %(num)s person?", "Confirm the seats of %(num)s people?", n),
        deferred("Only seats that are not confirmed yet. The tickets are emailed where there is an address."),
        lambda n: ngettext("Confirm %(num)s seat", "Confirm %(num)s seats", n),
        lambda n: ngettext("%(num)s seat is confirmed.", "%(num)s seats are confirmed.", n),
    ),
    "send_again": ActWords(
        lambda n: ngettext("Send the ticket of %(num)s person again?", "Send the tickets of %(num)s people again?", n),
        deferred("Who was sent one in the last ten minutes, or gave no address, gets none."),
        lambda n: ngettext("Send %(num)s ticket again", "Send %(num)s tickets again", n),
        lambda n: ngettext("%(num)s ticket is on its way.", "%(num)s tickets are on their way.", n),
    ),
    "promote": ActWords(
        lambda n: ngettext("Give %(num)s waiting person a seat?", "Give %(num)s waiting people a seat?", n),
        deferred("First come, first served, each with everybody they signed up with, as far as there are seats."),
        lambda n: ngettext("Give %(num)s person a seat", "Give %(num)s people a seat", n),
        lambda n: ngettext("%(num)s person has a seat now.", "%(num)s people have a seat now.", n),
    ),
    "move": ActWords(
        lambda n: ngettext(
            "Move %(num)s person to another kind of ticket?", "Move %(num)s people to another kind of ticket?", n
        ),
        deferred("The code of a ticket stays the same; each gets the ticket again by mail."),
        lambda n: ngettext("Move %(num)s person", "Move %(num)s people", n),
        lambda n: ngettext("%(num)s person is moved.", "%(num)s people are moved.", n),
    ),
}


def done(word: str, count: int, left: int, event: Event) -> str:
    """What stands above the list after an act; empty for a word that is none."""
    if word == "imported":
        return ngettext(
            "%(num)s person from the list is registered.", "%(num)s people from the list are registered.", count
        )
    if word not in ACT_WORDS:
        return ""
    if word == "promote" and left and full(event, event.ticket_types):
        seated = ACT_WORDS[word].done(count) if count else ""
        waiting = ngettext(
            "All seats are taken: %(num)s person stays in the waiting list.",
            "All seats are taken: %(num)s people stay in the waiting list.",
            left,
        )
        return f"{seated} {waiting}".strip()
    said_left = (
        ngettext(
            "%(num)s person stays as before: it does not apply, or there is no seat.",
            "%(num)s people stay as before: it does not apply to them, or there is no seat.",
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
    return gettext(
        "All seats are taken: no one can be given one. Raise the number of seats, or cancel a registration first."
    )


def _is_full(seated: Event | TicketType) -> bool:
    return seated.capacity is not None and seated.taken >= seated.capacity


def state(one: Any) -> str:
    """How it stands with a registration, or a row of the list; who came without one was never registered."""
    if one.walk_in and one.state != "cancelled":
        return gettext("without a registration")
    return gettext(STATES[one.state])


def too_large(party: int, event: Event, kind: TicketType) -> str:
    """That so many people who wait together wait in vain: there are fewer seats in all. Empty for who can have some."""
    seats = capacity_of(event, kind)
    if seats is None or party <= seats:
        return ""
    if seats == event.capacity:
        return ngettext(
            "Waits in vain: a party of %(party)s is larger than the room, with %(num)s seat in all.",
            "Waits in vain: a party of %(party)s is larger than the room, with %(num)s seats in all.",
            seats,
            party=party,
        )
    return ngettext(
        "Waits in vain: a party of %(party)s, and %(num)s ticket of this kind in all.",
        "Waits in vain: a party of %(party)s, and %(num)s tickets of this kind in all.",
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
    return gettext("inside since %(time)s", time=time) if inside else gettext("came at %(time)s", time=time)


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
    came_in = gettext("Came in without a registration") if one.walk_in else gettext("Registered")
    found = [Moment(one.created_at, came_in, came_by)]
    if one.waited_at:
        found.append(Moment(one.waited_at, gettext("Joined the waiting list")))
    if one.confirmed_at and one.confirmed_at - one.created_at > AT_ONCE:
        found.append(Moment(one.confirmed_at, gettext("Confirmed")))
    # An organizer's act stands in the audit with a name.
    if one.cancelled_at and one.cancelled_by != "organizer":
        found.append(Moment(one.cancelled_at, gettext(CANCELLED_BY.get(one.cancelled_by or "", ""))))
    return found


def _mail(mail: OutboxMessage, event: Event) -> Moment:
    what = gettext(MAILS[mail.kind])
    if mail.dead_at:
        return Moment(mail.dead_at, what, gettext("failed: %(why)s", why=_failure(mail.outcome)), is_bad=True)
    if mail.finished_at is None and mail.outcome:
        return Moment(mail.created_at, what, delivery_faults.fault(mail.outcome), is_bad=True)
    if mail.finished_at is None:
        return Moment(mail.created_at, what, _way(mail, event))
    if mail.outcome == "sent":
        return Moment(mail.finished_at, what, gettext("accepted by the mail server"))
    why = NOT_SENT.get((mail.outcome or "").removeprefix("skipped: "), deferred("not needed any more"))
    return Moment(mail.finished_at, what, gettext("not sent: %(why)s", why=gettext(why)))


def _way(mail: OutboxMessage, event: Event) -> str:
    if mail.due_at <= clock.now():
        return gettext("on its way")
    time = format_moment(local(mail.due_at, event), weekday=False, year=False)
    return gettext("waits until %(time)s or later: many emails went to this address", time=time)


def _failure(outcome: str | None) -> str:
    """What was answered at the end, in the words of whoever answered: it is tried no more."""
    return delivery_faults.answer(outcome) or delivery_faults.fault(outcome, given_up=True)


def _scans(scans: Sequence[Any], event: Event) -> list[Moment]:
    undone = {scan.undoes for scan in scans if scan.standing}
    return [_scan(scan, event, counts=scan.standing and scan.id not in undone) for scan in scans]


def _scan(scan: Any, event: Event, *, counts: bool) -> Moment:
    moved = scan.kind in {"in", "out"}
    how = gettext(REASONS[scan.reason]) if scan.reason in REASONS else ""
    does_not_count = gettext("does not count") if moved and not counts else ""
    more = ", ".join(filter(None, (said(scan.door, event), scan.volunteer, how, does_not_count)))
    scan_id = scan.id if moved and counts else None
    at, what = clock.from_milliseconds(scan.at), gettext(SCANS[scan.kind])
    return Moment(at, what, more, is_bad=scan.kind == "refused", scan_id=scan_id)


def _act(act: Act, event: Event, names: Names) -> Moment:
    told = audit_wording.more(act, names, event.zone)
    return Moment(act.at, audit_wording.what(act.action), ", ".join(filter(None, (audit_wording.who(act), told))))
