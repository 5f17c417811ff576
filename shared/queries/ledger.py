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
from shared.models import Admission, Device, Door, DoorPass, Event, Promise, Registration, Scan, Shift

MAILS = ("registration_confirmed", "ticket_again")


@dataclass(frozen=True, slots=True)
class Phone:
    """A paired phone: its door, who held it since when, and when it was last heard from."""

    door_id: int
    door: Mapping[str, str]
    shifts: Sequence[tuple[int, str]]
    seen_at: datetime

    def volunteer(self, at: int) -> str:
        """Who held the phone at a stamp; nobody before the first shift."""
        return next((name for since, name in reversed(self.shifts) if since <= at), "")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Registrations, scans and what they add up to, phones, and the fate of mails; `returning` counts people who were
    at an earlier event."""

    registrations: Sequence[Registration]
    scans: Sequence[Scan]
    folded: Folded
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


def read(db: Session, event: Event) -> Ledger:
    """Read an event's ledger and fold it."""
    registrations = db.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    scans = db.scalars(select(Scan).where(Scan.event_id == event.id).order_by(Scan.at, Scan.id)).all()
    merged = {one.ticket_id: one.merged_into for one in registrations if one.merged_into}
    return Ledger(
        registrations=registrations,
        scans=scans,
        folded=fold([fact_of(scan) for scan in scans], merged),
        phones=_phones(db, event.id),
        mails=_mails(db, event.id),
        returning=_returning(db, event),
    )


def fact_of(scan: Scan | Row[Any]) -> Fact:
    """A stored scan as the fold sees it."""
    undoes = str(scan.undoes) if scan.undoes else None
    return Fact(str(scan.id), scan.person, scan.session_id, scan.kind, scan.at, scan.device_id, undoes, scan.standing)


def _phones(db: Session, event_id: int) -> dict[int, Phone]:
    paired = (
        select(Device.id, Device.seen_at, Door.id, Door.name)
        .join(DoorPass, DoorPass.id == Device.door_pass_id)
        .join(Door, Door.id == DoorPass.door_id)
        .where(Door.event_id == event_id)
    )
    mine = paired.with_only_columns(Device.id)
    shifts: dict[int, list[tuple[int, str]]] = {}
    for shift in db.scalars(select(Shift).where(Shift.device_id.in_(mine)).order_by(Shift.since)):
        shifts.setdefault(shift.device_id, []).append((shift.since, shift.name))
    return {
        device_id: Phone(door_id, name, shifts.get(device_id, []), seen_at)
        for device_id, seen_at, door_id, name in db.execute(paired)
    }


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


def seconds_between(stamps: Sequence[int]) -> list[float]:
    """The pauses between one phone's scans; a pause over five minutes is no queue."""
    pauses = [(later - earlier) / 1000 for earlier, later in pairwise(stamps)]
    return [pause for pause in pauses if pause <= 300]
