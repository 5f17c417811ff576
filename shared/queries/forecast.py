"""How many of those who signed up will come, by what happened before: a plain rule, told with its grounds.

The rule: of the organization's last events with a report of people who were scanned in and at least ten registrations,
those of the same series where there are three of them, else all (private events only for private ones, and not
otherwise), at most the last eight. With three or more, the share of no-shows is the median of theirs, and it may be as
low as their lowest or as high as their highest. With fewer nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Texts
from shared.models import Event, Report

FEWEST, MOST = 3, 8
FEWEST_REGISTERED = 10


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier event: how many had a place at it, and what share of them did not come (0 to 1)."""

    event_id: int
    series_id: int | None
    title: Texts
    languages: Sequence[str]
    starts_local: datetime
    registered: int
    no_show_rate: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """People to expect of `confirmed`: the middle, and the fewest and most that the precedents speak for."""

    confirmed: int
    fewest: int
    middle: int
    most: int
    rate: float
    precedents: Sequence[Precedent]


def of_event(db: Session, *, event: Event, confirmed: int) -> Forecast | None:
    """What to expect of the people who have a place now; None where there is no history to speak of. One statement."""
    return estimate(confirmed, _comparable(event, _before(db, event)))


def estimate(confirmed: int, precedents: Sequence[Precedent]) -> Forecast | None:
    """The rule itself."""
    if len(precedents) < FEWEST or not confirmed:
        return None
    rates = sorted(one.no_show_rate for one in precedents)
    middle = median(rates)
    fewest, most = (round(confirmed * (1 - rate)) for rate in (rates[-1], rates[0]))
    return Forecast(confirmed, fewest, round(confirmed * (1 - middle)), most, middle, precedents)


def _comparable(event: Event, before: Sequence[Precedent]) -> Sequence[Precedent]:
    alike = [one for one in before if event.series_id is not None and one.series_id == event.series_id]
    return alike[:MOST] if len(alike) >= FEWEST else before[:MOST]


def _before(db: Session, event: Event) -> list[Precedent]:
    """The organization's earlier events with a report, the latest first; those of the series are all among them. One
    that was cancelled, or is still on, may have a report too, of doors that were closed early: it tells nothing. Nor
    does one where nobody was scanned in, which up to rule 4 was one to which nobody came.
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
    found = (
        select(Event.id, Event.series_id, Event.title, Event.languages, Event.starts_local, *newest.c)
        .join(newest, newest.c.registered >= FEWEST_REGISTERED)
        .where(
            Event.organization_id == event.organization_id,
            Event.private == event.private,
            Event.state == "published",
            Event.ends_at <= clock.now(),
            Event.starts_at < (event.starts_at or clock.now()),
            newest.c.rate.is_not(None),
        )
        .order_by(Event.series_id.is_not_distinct_from(event.series_id).desc(), Event.starts_at.desc())
        .limit(2 * MOST)
    )
    rows = [Precedent(*row) for row in db.execute(found)]
    return sorted(rows, key=lambda one: one.starts_local, reverse=True)
