"""Events side by side: the figures of their latest reports, in a series or in a year."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, extract, func, or_, select, true
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Texts
from shared.models import Event, EventState, Precision, Report


@dataclass(frozen=True, slots=True)
class Compared:
    """One event that is over, with its figures; None is a figure that was not recorded. Rates are 0 to 1."""

    event_id: int
    title: Texts
    languages: Sequence[str]
    known: Precision
    starts_local: datetime | None
    headcount: int | None
    registered: int | None
    attended: int | None
    people: int | None
    no_show_rate: float | None
    returning: int | None
    capacity_use: float | None

    @property
    def new(self) -> int | None:
        """Return the registered attendees who came to no earlier event, as far as their contacts tell."""
        return None if self.attended is None or self.returning is None else self.attended - self.returning

    @property
    def came(self) -> int | None:
        """Return the attendance: by the doors, if these scanned anyone in, else the headcount."""
        return self.headcount if self.people is None else self.people


def of_series(db: Session, *, series_id: int, limit: int, offset: int = 0) -> Sequence[Compared]:
    """Return the past events of a series, the latest first; in one statement."""
    return _compared(db, Event.series_id == series_id, limit=limit, offset=offset)


def of_year(db: Session, *, organization_id: int, year: int, limit: int, offset: int = 0) -> Sequence[Compared]:
    """Return an organization's past events that began in a year of their own clocks, the latest first; in one
    statement.
    """
    in_year = Event.starts_local >= datetime(year, 1, 1), Event.starts_local < datetime(year + 1, 1, 1)  # noqa: DTZ001 - wall times
    is_owned = Event.organization_id == organization_id
    return _compared(db, is_owned & in_year[0] & in_year[1], limit=limit, offset=offset)


def years(db: Session, *, organization_id: int) -> Sequence[int]:
    """Return the years with past events of an organization, the latest first."""
    year = extract("year", Event.starts_local)
    query = select(year).where(Event.organization_id == organization_id, *_over()).distinct().order_by(year.desc())
    return [int(year) for year in db.scalars(query) if year is not None]


def latest_years(db: Session, *, organization_ids: Collection[int]) -> dict[int, int]:
    """Return the last year with a past event for each of some organizations; without those that had none."""
    query = select(Event.organization_id, func.max(extract("year", Event.starts_local)))
    conditions = Event.organization_id.in_(organization_ids), Event.starts_local.is_not(None), *_over()
    return {owner: int(year) for owner, year in db.execute(query.where(*conditions).group_by(Event.organization_id))}


def _over() -> tuple[ColumnElement[bool], ...]:
    return Event.state == EventState.PUBLISHED, or_(Event.ends_at <= clock.now(), Event.ends_at.is_(None))


def _compared(db: Session, condition: ColumnElement[bool], *, limit: int, offset: int) -> Sequence[Compared]:
    figures: Any = Report.figures
    # Up to rule 4 a report said 0 people where no one was scanned in.
    is_scanned = figures["people"].as_integer() > 0
    newest = (
        select(
            figures["registered"].as_integer().label("registered"),
            case((is_scanned, figures["attended"].as_integer())).label("attended"),
            case((is_scanned, figures["people"].as_integer())).label("people"),
            case((is_scanned, figures["no_show_rate"].as_float())).label("no_show_rate"),
            case((is_scanned, figures["returning"].as_integer())).label("returning"),
            case((is_scanned, figures["capacity_use"].as_float())).label("capacity_use"),
        )
        .where(Report.event_id == Event.id)
        .order_by(Report.version.desc())
        .limit(1)
        .lateral()
    )
    columns = Event.id, Event.title, Event.languages, Event.known, Event.starts_local, Event.headcount
    query = select(*columns, *newest.c).outerjoin(newest, true()).where(condition, *_over())
    ordered = query.order_by(Event.starts_at.desc().nulls_last(), Event.id.desc())
    return [Compared(*row) for row in db.execute(ordered.limit(limit).offset(offset))]
