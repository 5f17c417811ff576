"""How many are in, while it happens; and whose attendance is due to be compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Admission, Event, Registration, Report, Scan
from shared.queries.ledger import PAPER

BIN = timedelta(minutes=5)
WATCHED_FOR = timedelta(days=90)
"""How long after an event a late scan still makes a new version of its report."""


@dataclass(frozen=True, slots=True)
class Live:
    """An event while it happens. Arrivals count each person once, by the start (UTC) of their 5 minutes."""

    registered: int
    admitted: int
    inside: int
    capacity: int | None
    arrivals: list[tuple[datetime, int]]


def live(db: Session, *, event: Event) -> Live:
    """How an event stands right now, in two statements."""
    mine = Admission.event_id == event.id
    arrived, inside = Admission.first.is_not(None), Admission.inside.is_not(None)
    registered = (
        select(func.count())
        .select_from(Registration)
        .where(Registration.event_id == event.id, Registration.state == "confirmed", Registration.walk_in.is_(False))
    )
    person = Admission.person.distinct()
    counts = select(registered.scalar_subquery(), func.count(person).filter(arrived), func.count(person).filter(inside))
    row = db.execute(counts.where(mine)).one()
    return Live(row[0], row[1], row[2], event.capacity, _arrivals(db, event.id))


def stamp(db: Session, *, event_id: int) -> str:
    """Another word whenever live() may have changed, for the price of three looks into an index."""
    scans = select(func.count(), func.max(Scan.revision)).where(Scan.event_id == event_id).subquery()
    people = select(func.max(Registration.revision)).where(Registration.event_id == event_id)
    row = db.execute(select(*scans.c, people.scalar_subquery())).one()
    return "-".join(str(number or 0) for number in row)


def due_for_report(db: Session, *, now: datetime) -> Sequence[int]:
    """Events whose attendance is to be compiled: over, with registrations or scans, and not compiled as they stand."""
    return db.scalars(_due(now).order_by(Event.ends_at)).all()


def is_due_for_report(db: Session, *, event_id: int, now: datetime) -> bool:
    """Whether one event's attendance is to be compiled."""
    return db.scalar(_due(now).where(Event.id == event_id)) is not None


def _arrivals(db: Session, event_id: int) -> list[tuple[datetime, int]]:
    width = BIN // timedelta(milliseconds=1)
    first = func.min(Admission.first_at).label("first")
    # When those who were ticked on paper came is not known.
    at_a_known_time = Admission.event_id == event_id, Scan.reason.is_distinct_from(PAPER)
    arrived = select(first).join(Scan, Scan.id == Admission.first).where(*at_a_known_time)
    people = arrived.group_by(Admission.person).subquery()
    start = (people.c.first // width * width).label("start")
    bins = db.execute(select(start, func.count()).group_by(start).order_by(start))
    return [(clock.from_milliseconds(int(stamp)), count) for stamp, count in bins]


def _due(now: datetime) -> Select[int]:
    compiles_at = func.coalesce(
        Event.doors_closed_at, Event.ends_at + Event.grace_minutes * text("interval '1 minute'")
    )
    scans = select(func.count()).select_from(Scan).where(Scan.event_id == Event.id).scalar_subquery()
    compiled = (
        select(Report.scans)
        .where(Report.event_id == Event.id)
        .order_by(Report.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    someone = select(Registration.id).where(Registration.event_id == Event.id).exists()
    something = select(Scan.id).where(Scan.event_id == Event.id).exists()
    return select(Event.id).where(
        Event.state != "draft",
        compiles_at.between(now - WATCHED_FOR, now),
        or_(someone, something),
        func.coalesce(compiled, -1) != scans,
    )
