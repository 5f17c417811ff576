"""Everything about one event that a report is compiled from, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from shared import clock
from shared.fold import Fact, Folded, fold
from shared.models import Admission, Device, Door, Event, Promise, Registration, Scan, Shift

MAILS = ("registration_confirmed", "ticket_again")


PAPER = "paper"
"""The reason of a scan that was ticked on a list on paper: that somebody came is known, when is not."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What scanned: who held it since when, and when it was last heard from. The list on paper is not paired."""

    is_paired: bool
    shifts: Sequence[tuple[int, str]]
    seen_at: datetime

    def volunteer(self, at: int) -> str:
        """Who held the phone at a stamp; nobody before the first shift."""
        return next((name for since, name in reversed(self.shifts) if since <= at), "")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Registrations, scans and what they add up to, doors by name, phones, and the fate of mails; `returning` counts
    people who were at an earlier event."""

    registrations: Sequence[Registration]
    scans: Sequence[Scan]
    folded: Folded
    doors: Mapping[int, Mapping[str, str]]
    phones: Mapping[int, Phone]
    mails: Mapping[str, int]
    returning: frozenset[str]

    def first_arrivals(self, session_id: int | None = None) -> dict[str, int]:
        """Who came, and their first stamp: in one session, or in the event as a whole."""
        first: dict[str, int] = {}
        for (person, session), entry in self.folded.admissions.items():
            if session_id in {None, session}:
                first[person] = min(entry.first.at, first.get(person, entry.first.at))
        return first

    def arrival_times(self) -> list[int]:
        """The first stamp of everybody who came, where it is known: what was ticked on paper has none."""
        on_paper = {str(scan.id) for scan in self.scans if scan.reason == PAPER}
        first: dict[str, int] = {}
        for (person, _), entry in self.folded.admissions.items():
            if entry.first.id not in on_paper:
                first[person] = min(entry.first.at, first.get(person, entry.first.at))
        return list(first.values())


def read(db: Session, event: Event) -> Ledger:
    """Read an event's ledger and fold it."""
    registrations = db.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    scans = db.scalars(select(Scan).where(Scan.event_id == event.id).order_by(Scan.at, Scan.id)).all()
    merged = {one.ticket_id: one.merged_into for one in registrations if one.merged_into}
    return Ledger(
        registrations=registrations,
        scans=scans,
        folded=fold([fact_of(scan) for scan in scans], merged),
        doors={door.id: door.name for door in db.scalars(select(Door).where(Door.event_id == event.id))},
        phones=_phones(db, event.id),
        mails=_mails(db, event.id),
        returning=_returning(db, event),
    )


def fact_of(scan: Scan | Row[Any]) -> Fact:
    """A stored scan as the fold sees it."""
    undoes = str(scan.undoes) if scan.undoes else None
    return Fact(str(scan.id), scan.person, scan.session_id, scan.kind, scan.at, scan.device_id, undoes, scan.standing)


def _phones(db: Session, event_id: int) -> dict[int, Phone]:
    devices = db.scalars(select(Device).where(Device.event_id == event_id)).all()
    shifts: dict[int, list[tuple[int, str]]] = {}
    mine = [device.id for device in devices]
    for shift in db.scalars(select(Shift).where(Shift.device_id.in_(mine)).order_by(Shift.since)):
        shifts.setdefault(shift.device_id, []).append((shift.since, shift.name))
    return {one.id: Phone(one.door_pass_id is not None, shifts.get(one.id, []), one.seen_at) for one in devices}


def _mails(db: Session, event_id: int) -> dict[str, int]:
    """How many mails the mail server accepted, and how many it never did."""
    mine = select(Registration.id).where(Registration.event_id == event_id)
    sent, dead = Promise.outcome == "sent", Promise.dead_at.is_not(None)
    counts = select(func.count().filter(sent), func.count().filter(dead))
    accepted, failed = db.execute(counts.where(Promise.kind.in_(MAILS), Promise.subject.in_(mine))).one()
    return {"accepted": accepted, "failed": failed}


def _returning(db: Session, event: Event) -> frozenset[str]:
    """Ticket ids of people whose contact was let in at an earlier event of the organization."""
    if event.private:
        return frozenset()
    now, before = aliased(Registration), aliased(Registration)
    earlier = aliased(Event)
    came = exists().where(Admission.person == before.ticket_id, Admission.first.is_not(None))
    found = (
        select(now.ticket_id)
        .join(before, before.contact_key == now.contact_key)
        .join(earlier, earlier.id == before.event_id)
        .where(now.event_id == event.id, earlier.organization_id == event.organization_id)
        .where(earlier.starts_at < (event.starts_at or clock.now()), earlier.private.is_(False), came)
    )
    return frozenset(db.scalars(found))


def seconds_between(scans: Sequence[Scan]) -> list[float]:
    """The pauses between the scans of each phone; a pause over five minutes is no queue."""
    by_phone = sorted(scans, key=lambda scan: (scan.device_id, scan.at))
    pauses = [
        (later.at - earlier.at) / 1000 for earlier, later in pairwise(by_phone) if earlier.device_id == later.device_id
    ]
    return [pause for pause in pauses if pause <= 300]
