"""An estimate of attendance from earlier events, by a plain rule that is shown with its evidence.

The rule uses the organization's latest events that have at least ten registrations and a report with scans: those of
the same series if there are at least three, else all (private events only for private ones, and not otherwise), at most
the last eight. With three or more, the no-show rate is the median of theirs, and ranges from their lowest to their
highest. With fewer there is no estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Texts
from shared.models import Event, EventState, Report

FEWEST, MOST = 3, 8
FEWEST_REGISTERED = 10


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier event: its registrations, and the share of them that did not come (0 to 1)."""

    event_id: int
    series_id: int | None
    title: Texts
    languages: Sequence[str]
    starts_local: datetime
    registered: int
    no_show_rate: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected attendance of `confirmed` registrations: middle, lowest and highest by the precedents."""

    confirmed: int
    fewest: int
    middle: int
    most: int
    rate: float
    precedents: Sequence[Precedent]


def of_event(db: Session, *, event: Event, confirmed: int) -> Forecast | None:
    """Estimate the attendance of the confirmed registrations; None without enough history. One statement."""
    return estimate(confirmed, _comparable(event, _before(db, event)))


def estimate(confirmed: int, precedents: Sequence[Precedent]) -> Forecast | None:
    """Apply the rule to the precedents."""
    if len(precedents) < FEWEST or not confirmed:
        return None
    rates = sorted(precedent.no_show_rate for precedent in precedents)
    middle = median(rates)
    fewest, most = (round(confirmed * (1 - rate)) for rate in (rates[-1], rates[0]))
    return Forecast(confirmed, fewest, round(confirmed * (1 - middle)), most, middle, precedents)


def _comparable(event: Event, before: Sequence[Precedent]) -> Sequence[Precedent]:
    of_series = [
        precedent for precedent in before if event.series_id is not None and precedent.series_id == event.series_id
    ]
    return of_series[:MOST] if len(of_series) >= FEWEST else before[:MOST]


def _before(db: Session, event: Event) -> list[Precedent]:
    """Return the organization's earlier events with a report, the latest first; all of the series are among them.

    An event that was cancelled, or is still on, may have a report from doors that were closed early: it is left out. So
    is one where no one was scanned in, which up to rule 4 was reported as attended by 0 people.
    """
    rate, registered = Report.figures["no_show_rate"].as_float(), Report.figures["registered"].as_integer()
    is_scanned = Report.figures["people"].as_integer() > 0
    newest = (
        select(registered.label("registered"), case((is_scanned, rate)).label("rate"))
        .where(Report.event_id == Event.id)
        .order_by(Report.version.desc())
        .limit(1)
        .lateral()
    )
    query = (
        select(Event.id, Event.series_id, Event.title, Event.languages, Event.starts_local, *newest.c)
        .join(newest, newest.c.registered >= FEWEST_REGISTERED)
        .where(
            Event.organization_id == event.organization_id,
            Event.private == event.private,
            Event.state == EventState.PUBLISHED,
            Event.ends_at <= clock.now(),
            Event.starts_at < (event.starts_at or clock.now()),
            newest.c.rate.is_not(None),
        )
        .order_by(Event.series_id.is_not_distinct_from(event.series_id).desc(), Event.starts_at.desc())
        .limit(2 * MOST)
    )
    rows = [Precedent(*row) for row in db.execute(query)]
    return sorted(rows, key=lambda precedent: precedent.starts_local, reverse=True)
