"""The figures of a report, each computed from the ledger by its rule. Pure: values in, JSON out."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from shared import clock
from shared.door.fold import Fact
from shared.models import Event, RegistrationState
from shared.reports import breakdowns
from shared.reports.ledger import Attendee, Ledger, Phone, seconds_between
from shared.scans import PAPER, RefusalReason, ScanKind

RULE = 5
"""The version of the definitions behind these figures; raised when a definition changes."""

BIN_MINUTES = 5
BIN = BIN_MINUTES * 60_000
"""Milliseconds; no zone in use today is shifted by less."""
LATE = timedelta(hours=24)
ATTENDANCE_FIGURES = ("attended", "people", "no_shows", "no_show_rate", "capacity_use", "returning")
"""Figures that are not recorded where no one was checked in."""
SILENT_BEFORE = timedelta(minutes=3)
"""A phone polls every few seconds: one silent for the last three minutes may still have scans."""


class WalkInReason(StrEnum):
    """Why an admitted person was not expected."""

    AT_DOOR = "at_door"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    UNLISTED = "unlisted"


Figures = dict[str, Any]
Watches = Mapping[tuple[int, str], tuple[Sequence[Fact], Sequence[float]]]
"""Scans, and the seconds between them, by door and volunteer."""


def compile_figures(event: Event, ledger: Ledger) -> Figures:
    """Return every figure of the report on an event that is over."""
    expected = {attendee.ticket_id for attendee in ledger.registrations if _is_registered(attendee, event)}
    arrived = ledger.came()
    attended = expected & arrived
    outside = arrived - expected
    capacity = _capacity(event)
    watches = _by_volunteer(ledger)
    compiled = {
        "registered": len(expected),
        "cancelled": _cancelled(event, ledger.registrations),
        "waitlisted": sum(attendee.waited_at is not None for attendee in ledger.registrations),
        "promoted": sum(bool(attendee.waited_at and attendee.confirmed_at) for attendee in ledger.registrations),
        "attended": len(attended),
        "walk_ins": _walk_ins(outside, ledger.registrations),
        "people": len(arrived),
        "no_shows": len(expected) - len(attended),
        "no_show_rate": _ratio(len(expected) - len(attended), len(expected)),
        "capacity": capacity,
        "capacity_use": _ratio(len(arrived), capacity),
        "headcount": event.headcount,
        "sessions": _sessions(event, ledger, expected),
        "arrivals": _arrivals(event, ledger, ledger.arrival_times()),
        "doors": _doors(ledger, watches),
        "paces": _paces(ledger, watches),
        "conflicts": len(ledger.folded.conflicts),
        "refused": _refused(ledger.scans),
        "doubtful": sum(scan.doubtful for scan in ledger.scans),
        "phones": _phones(event, ledger),
        "returning": None if ledger.returning is None else len(attended & ledger.returning),
        "breakdowns": breakdowns.of(event, ledger, attended),
        "mail": dict(ledger.emails),
        "provenance": {"rule": RULE, "zone": event.zone, "scans": len(ledger.scans)},
    }
    return compiled if arrived else _not_recorded(compiled)


def _not_recorded(compiled: Figures) -> Figures:
    """Return the figures without attendance: if no one was checked in, people may have come through a door that scanned
    no one. Zeros would say that no one came.
    """
    return compiled | {
        **dict.fromkeys(ATTENDANCE_FIGURES),
        "walk_ins": dict.fromkeys(compiled["walk_ins"]),
        "sessions": [session | {"attended": None, "people": None} for session in compiled["sessions"]],
    }


def _is_registered(attendee: Attendee, event: Event) -> bool:
    """Return True for a registration that is no walk-in, was confirmed before the end, and was not cancelled before the
    start.
    """
    if attendee.walk_in or attendee.confirmed_at is None:
        return False
    too_late = event.ends_at is not None and attendee.confirmed_at >= event.ends_at
    withdrawn = attendee.cancelled_at is not None and (
        event.starts_at is None or attendee.cancelled_at < event.starts_at
    )
    return not too_late and not withdrawn


def _cancelled(event: Event, registrations: Sequence[Attendee]) -> dict[str, int]:
    starts_at = event.starts_at
    moments = [
        attendee.cancelled_at
        for attendee in registrations
        if attendee.confirmed_at
        and attendee.cancelled_at
        and starts_at
        and attendee.cancelled_at < starts_at
        and not attendee.walk_in
    ]
    late = sum(starts_at is not None and moment > starts_at - LATE for moment in moments)
    return {"all": len(moments), "late": late}


def _walk_ins(outside: set[str], registrations: Sequence[Attendee]) -> dict[str, int]:
    """Count the people admitted without being expected, by reason."""
    attendees = {attendee.ticket_id: attendee for attendee in registrations}
    reasons = Counter(_why_outside(attendees.get(person)) for person in outside)
    return {"all": len(outside), **{reason: reasons[reason] for reason in WalkInReason}}


def _why_outside(attendee: Attendee | None) -> WalkInReason:
    if attendee is None:
        return WalkInReason.UNLISTED
    if attendee.walk_in:
        return WalkInReason.AT_DOOR
    match attendee.state:
        case RegistrationState.WAITING:
            return WalkInReason.WAITING
        case RegistrationState.CANCELLED:
            return WalkInReason.CANCELLED
        case RegistrationState.UNCONFIRMED | RegistrationState.OFFERED | RegistrationState.CONFIRMED:
            return WalkInReason.UNCONFIRMED


def _capacity(event: Event) -> int | None:
    """Return the largest possible attendance: the event's seats, or those of its ticket types together if fewer."""
    limits = [ticket_type.capacity for ticket_type in event.ticket_types]
    of_ticket_types = sum(limit for limit in limits if limit) if limits and None not in limits else None
    return min((limit for limit in (event.capacity, of_ticket_types) if limit is not None), default=None)


def _sessions(event: Event, ledger: Ledger, expected: set[str]) -> list[Figures]:
    rows = []
    for session in event.sessions:
        arrived = ledger.came(session.id)
        counts = {"attended": len(expected & arrived), "people": len(arrived)}
        rows.append({"id": session.id, "title": event.title_of(session), **counts})
    return rows


def _arrivals(event: Event, ledger: Ledger, stamps: list[int]) -> Figures:
    zone = ZoneInfo(event.zone)
    bins = _bins(stamps, zone)
    peak = max(bins, key=lambda interval: interval[1], default=None)
    return {
        "first": _iso(min(stamps, default=None)),
        "median": _iso(int(median(stamps)) if stamps else None),
        "peak": {"at": peak[0], "count": peak[1]} if peak else None,
        "last": _iso(max(stamps, default=None)),
        "bins": bins,
        "inside": _inside(event, ledger, zone),
    }


def _bins(stamps: Sequence[int], zone: ZoneInfo) -> list[tuple[str, int]]:
    """Count arrivals per five minutes of local time, without gaps inside a day."""
    # A zone is looked up once for each five minutes, not once for each of 100,000 people.
    by_start = Counter(stamp // BIN for stamp in stamps)
    counts = Counter[datetime]()
    for start, people in by_start.items():
        counts[_floor(_local(start * BIN, zone))] += people
    bins: list[tuple[str, int]] = []
    for day in sorted({start.date() for start in counts}):
        starts = [start for start in counts if start.date() == day]
        steps = (max(starts) - min(starts)) // timedelta(minutes=BIN_MINUTES)
        every = [min(starts) + timedelta(minutes=BIN_MINUTES) * step for step in range(steps + 1)]
        bins += [(start.isoformat(timespec="minutes"), counts[start]) for start in every]
    return bins


def _inside(event: Event, ledger: Ledger, zone: ZoneInfo) -> list[tuple[str, int]]:
    """Count the people inside, in any session, at the end of each five minutes in which that changed."""
    inside, rooms, curve = 0, defaultdict[str, int](int), dict[int, int]()
    for at, person, step in _steps(event, ledger):
        before = rooms[person]
        rooms[person] = now = before + step
        inside += bool(now) - bool(before)
        curve[at // BIN] = inside
    return [(_floor(_local(start * BIN, zone)).isoformat(timespec="minutes"), most) for start, most in curve.items()]


def _steps(event: Event, ledger: Ledger) -> list[tuple[int, str, int]]:
    """Return each entry (1) and exit (-1) with its person, by time.

    A person who was not scanned out has left a session when its grace is over. The end of the last session is unknown,
    so such exits count only if someone arrives later.
    """
    moves = ledger.folded.moves
    last = max((move.at for move in moves), default=0)
    grace = timedelta(minutes=event.grace_minutes)
    empty = {session.id: clock.milliseconds(session.ends_at + grace) for session in event.sessions if session.ends_at}
    steps, staying = [], dict[tuple[str, int], int]()
    for move in moves:
        person, session_id = ledger.folded.key(move)
        if move.at >= empty.get(session_id, last + 1):
            continue
        if move.kind == ScanKind.IN:
            staying[person, session_id] = empty.get(session_id, last)
        else:
            del staying[person, session_id]
        steps.append((move.at, person, 1 if move.kind == ScanKind.IN else -1))
    steps += [(at, person, -1) for (person, _), at in staying.items() if at < last]
    return sorted(steps, key=lambda step: step[0])


def _by_volunteer(ledger: Ledger) -> Watches:
    """Group the scans by door and volunteer, each group with its pauses, the shortest first.

    Names checked in from paper share one stamp and say nothing about a door's speed.
    """
    groups = defaultdict[tuple[int, str], list[Fact]](list)
    for scan in ledger.scans:
        groups[scan.door, ledger.phones[scan.device].volunteer(scan.at)].append(scan)
    return {key: (scans, sorted(_pauses(scans))) for key, scans in sorted(groups.items())}


def _pauses(scans: Sequence[Fact]) -> list[float]:
    return seconds_between(scan for scan in scans if scan.reason != PAPER)


def _doors(ledger: Ledger, watches: Watches) -> list[Figures]:
    """Return each door's figures by volunteer."""
    let_in = {entry.first.id for entry in ledger.folded.admissions.values()}
    disputed = {scan.id for pair in ledger.folded.conflicts for scan in pair}
    return [
        {
            "id": door,
            "door": dict(ledger.doors[door]),
            "volunteer": volunteer,
            **_seen(scans, let_in, disputed),
            "seconds_between": _middle(pauses),
        }
        for (door, volunteer), (scans, pauses) in watches.items()
    ]


def _seen(scans: Sequence[Fact], let_in: set[str], disputed: set[str]) -> Figures:
    # Sets, since a door of a large event sees tens of thousands of scans.
    ids = {scan.id for scan in scans}
    return {
        "scans": len(scans),
        "admitted": len(ids & let_in),
        "refused": _refused(scans),
        "conflicts": len(ids & disputed),
    }


def _paces(ledger: Ledger, watches: Watches) -> list[Figures]:
    """Return the median seconds between two scans at each door, over all its volunteers."""
    pauses = defaultdict[int, list[float]](list)
    for (door, _), (_, seconds) in watches.items():
        pauses[door] += seconds
    return [
        {"id": door, "door": dict(ledger.doors[door]), "seconds_between": _middle(seconds)}
        for door, seconds in pauses.items()
    ]


def _refused(scans: Sequence[Fact]) -> dict[str, int]:
    return dict(
        Counter(RefusalReason(scan.reason or RefusalReason.OTHER) for scan in scans if scan.kind == ScanKind.REFUSED)
    )


def _phones(event: Event, ledger: Ledger) -> Figures:
    """Count the phones, list those that were silent at the end, and compute the share of scans made offline."""
    phones = [phone for phone in ledger.phones.values() if phone.is_paired]
    silent = _silent(event, [phone for phone in phones if not phone.is_revoked])
    scans = [scan for scan in ledger.scans if scan.reason != PAPER]
    share = _ratio(sum(scan.offline for scan in scans), len(scans))
    return {"all": len(phones), "silent": len(silent), "not_heard": silent, "offline_share": share}


def _silent(event: Event, phones: Sequence[Phone]) -> list[Figures]:
    """Return the phones not heard from since before the end, or since before the doors were closed."""
    end = min((moment for moment in (event.ends_at, event.doors_closed_at) if moment), default=None)
    if end is None:
        return []
    silent = sorted((phone for phone in phones if phone.seen_at < end - SILENT_BEFORE), key=lambda phone: phone.seen_at)
    return [
        {
            "door": dict(phone.door),
            "volunteer": phone.shifts[-1][1] if phone.shifts else "",
            "seen_at": phone.seen_at.astimezone(UTC).isoformat(),
        }
        for phone in silent
    ]


def _ratio(count: int, total: int | None) -> float | None:
    return round(count / total, 4) if total else None


def _middle(values: Sequence[float]) -> float | None:
    return round(median(values), 1) if values else None


def _local(stamp: int, zone: ZoneInfo) -> datetime:
    return clock.from_milliseconds(stamp).astimezone(zone).replace(tzinfo=None)


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // BIN_MINUTES * BIN_MINUTES, second=0, microsecond=0)


def _iso(stamp: int | None) -> str | None:
    return None if stamp is None else clock.from_milliseconds(stamp).astimezone(UTC).isoformat()
