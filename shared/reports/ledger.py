"""Everything about one event that a report is compiled from, read once."""

import gc
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Executable, Result, Text, cast, func, select
from sqlalchemy.orm import Session, joinedload

from shared.door.fold import Fact, Folded, fold
from shared.models import (
    Channel,
    Device,
    Door,
    DoorPass,
    Event,
    OutboxMessage,
    QuestionKind,
    Registration,
    RegistrationState,
    Scan,
    Shift,
)
from shared.models.question import CHOICES
from shared.outbox.kinds import OF_REGISTRATIONS
from shared.outbox.outcomes import REFUSED_FOR_GOOD, SENT
from shared.reports import returning_attendees
from shared.scans import PAPER

OFFLINE_AFTER = timedelta(minutes=1)
"""A scan received longer than this after it was made was made offline."""

SCANS = (
    cast(Scan.id, Text),
    Scan.person,
    Scan.session_id,
    Scan.kind,
    Scan.at,
    Scan.device_id,
    cast(Scan.undoes, Text),
    Scan.standing,
    Scan.door_id,
    Scan.reason,
    Scan.doubtful,
    Scan.received_at > func.to_timestamp(Scan.at / 1000.0) + OFFLINE_AFTER,
)
"""A stored scan as a Fact, field for field."""

AT_ONCE = 10_000
"""Rows fetched at a time: rows that are read once need not be in memory twice."""


COUNTABLE = (*CHOICES, QuestionKind.YES_NO)
"""Questions whose answers fall into groups; free text is not counted."""

LONGEST_PAUSE = 300_000
"""Milliseconds between two scans of a phone; a longer pause means that there was no queue."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A source of scans: its door, its volunteers since when, and when it was last heard from.

    The paper list is not paired, and no more scans are expected of a revoked phone.
    """

    is_paired: bool
    is_revoked: bool
    door: Mapping[str, str]
    shifts: Sequence[tuple[int, str]]
    seen_at: datetime

    def volunteer(self, at: int) -> str:
        """Return the phone's volunteer at a stamp; empty before the first shift."""
        index = bisect_left(self.shifts, (at + 1, ""))
        return self.shifts[index - 1][1] if index else ""


class Attendee(NamedTuple):
    """A registration, as far as figures need it: its fields are columns of the table."""

    ticket_id: str
    host_id: int | None
    merged_into: str | None
    walk_in: bool
    state: RegistrationState
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    waited_at: datetime | None
    ticket_type_id: int
    language: str
    source: str | None
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Registrations, scans and their admissions, doors by name, phones, and the outcomes of emails.

    `returning` are the attendees of an earlier event; None where returning attendees may not be counted.
    """

    registrations: Sequence[Attendee]
    scans: Sequence[Fact]
    folded: Folded
    doors: Mapping[int, Mapping[str, str]]
    phones: Mapping[int, Phone]
    emails: Mapping[str, int]
    channels: Mapping[str, str]
    returning: frozenset[str] | None

    def came(self, session_id: int | None = None) -> set[str]:
        """Return the ids of the people who came: to one session, or to the event as a whole."""
        return {person for person, session in self.folded.admissions if session_id in (None, session)}

    def arrival_times(self) -> list[int]:
        """Return each person's first stamp where it is known: check-ins from paper have none."""
        first: dict[str, int] = {}
        for (person, _), entry in self.folded.admissions.items():
            if entry.first.reason != PAPER:
                first.setdefault(person, entry.first.at)
        return list(first.values())


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Disable Python's garbage collector while a ledger is read and counted."""
    # Half of the time would be the collector's: it scans half a million tuples again and again for cycles that they
    # cannot form. Garbage of other threads waits a second longer meanwhile.
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def read(db: Session, event: Event) -> Ledger:
    """Read an event's ledger and fold it; a large one in `without_garbage_collection`."""
    # Before the registrations: a walk-in who arrives meanwhile lacks a scan, and the next version adds it. In the
    # opposite order their name would be missing, and nothing would ever correct that.
    scans = list(map(Fact._make, _rows(db, select(*SCANS).where(Scan.event_id == event.id).order_by(Scan.at, Scan.id))))
    registrations = _registrations(db, event)
    merged = {attendee.ticket_id: attendee.merged_into for attendee in registrations if attendee.merged_into}
    return Ledger(
        registrations=registrations,
        scans=scans,
        folded=fold(scans, merged),
        doors={door.id: door.name for door in db.scalars(select(Door).where(Door.event_id == event.id))},
        phones=_phones(db, event.id),
        emails=_emails(db, event.id),
        channels=channels(db, event_id=event.id),
        returning=returning_attendees.returning(db, event=event),
    )


def _registrations(db: Session, event: Event) -> list[Attendee]:
    *columns, answers = [getattr(Registration, name) for name in Attendee._fields]
    free_text = [question.key for question in event.questions if question.kind not in COUNTABLE]
    # As text: the choices of 100,000 people differ in a few ways only, and each is parsed once.
    countable = cast(answers.op("-")(cast(free_text, ARRAY(Text))), Text)
    parsed = cache(json.loads)
    rows = _rows(db, select(*columns, countable).where(Registration.event_id == event.id))
    return [Attendee._make((*row[:-1], parsed(row[-1]))) for row in rows]


def _rows(db: Session, statement: Executable) -> Result[Any]:
    # Not through the session, which takes twice as long over rows that are no objects.
    return db.connection().execute(statement, execution_options={"yield_per": AT_ONCE})


def channels(db: Session, *, event_id: int) -> dict[str, str]:
    """Return the names of an event's short links by code."""
    query = select(Channel.code, Channel.name).where(Channel.event_id == event_id)
    return {row.code: row.name for row in db.execute(query)}


def _phones(db: Session, event_id: int) -> dict[int, Phone]:
    where = joinedload(Device.door_pass).joinedload(DoorPass.door)
    devices = db.scalars(select(Device).where(Device.event_id == event_id).options(where)).all()
    shifts: dict[int, list[tuple[int, str]]] = {}
    device_ids = [device.id for device in devices]
    for shift in db.scalars(select(Shift).where(Shift.device_id.in_(device_ids)).order_by(Shift.since)):
        shifts.setdefault(shift.device_id, []).append((shift.since, shift.name))
    return {device.id: _phone(device, shifts.get(device.id, [])) for device in devices}


def _phone(device: Device, shifts: Sequence[tuple[int, str]]) -> Phone:
    door = device.door_pass.door.name if device.door_pass else {}
    return Phone(device.door_pass is not None, device.revoked_at is not None, door, shifts, device.seen_at)


def _emails(db: Session, event_id: int) -> dict[str, int]:
    """Count the emails that the mail server accepted, those that failed, and those of them that it refused for good."""
    registration_ids = select(Registration.id).where(Registration.event_id == event_id)
    is_sent, is_failed = OutboxMessage.outcome == SENT, OutboxMessage.dead_at.is_not(None)
    refused = is_failed & OutboxMessage.failure.in_(REFUSED_FOR_GOOD)
    counts = select(func.count().filter(is_sent), func.count().filter(is_failed), func.count().filter(refused))
    accepted, failed, undeliverable = db.execute(
        counts.where(OutboxMessage.kind.in_(OF_REGISTRATIONS), OutboxMessage.subject.in_(registration_ids))
    ).one()
    return {"accepted": accepted, "failed": failed - undeliverable, "undeliverable": undeliverable}


def seconds_between(scans: Iterable[Fact]) -> list[float]:
    """Return the pauses between the scans of each phone, in seconds."""
    stamps: dict[int, list[int]] = {}
    for scan in scans:
        stamps.setdefault(scan.device, []).append(scan.at)
    pauses = (later - earlier for moments in stamps.values() for earlier, later in pairwise(sorted(moments)))
    return [pause / 1000 for pause in pauses if pause <= LONGEST_PAUSE]
