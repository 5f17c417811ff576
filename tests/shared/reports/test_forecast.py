"""The number to expect: the median of comparable events, with its range, and nothing without a history."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Organization
from shared.reports import forecast
from tests.conftest import Statements
from tests.factories import make_event, make_organization, make_report, make_series


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


def past_event(db: Session, organization: Organization, rate: float, days_ago: int = 30, **more: Any) -> Event:
    """Add a past event with a rate of no-shows."""
    figures = {"registered": more.pop("registered", 40), "no_show_rate": rate}
    event = make_event(db, organization=organization, starts_at=clock.now() - timedelta(days=days_ago), **more)
    make_report(db, event, figures=figures)
    return event


def test_it_is_the_median_and_the_range_of_what_happened(db: Session, organization: Organization) -> None:
    for rate in (0.5, 0.1, 0.2):
        past_event(db, organization, rate)
    prediction = forecast.of_event(db, event=make_event(db, organization=organization), confirmed=100)
    assert prediction is not None
    assert (prediction.fewest, prediction.middle, prediction.most, prediction.rate) == (50, 80, 90, 0.2)


def test_with_fewer_than_three_events_nothing_is_said(db: Session, organization: Organization) -> None:
    event = make_event(db, organization=organization)
    past_event(db, organization, 0.2)
    past_event(db, organization, 0.2)
    assert forecast.of_event(db, event=event, confirmed=100) is None
    past_event(db, organization, 0.2)
    assert forecast.of_event(db, event=event, confirmed=0) is None
    assert forecast.of_event(db, event=event, confirmed=1) is not None


def test_what_does_not_compare_is_left_out(db: Session, organization: Organization) -> None:
    for rate in (0.1, 0.2):
        past_event(db, organization, rate)
    past_event(db, organization, 0.9, registered=9)
    past_event(db, organization, 0.9, private=True)
    past_event(db, make_organization(db), 0.9)
    past_event(db, organization, 0.9, days_ago=-30)
    past_event(db, organization, 0.9, state="cancelled")
    past_event(db, organization, 0.9, days_ago=1, hours=48)
    make_event(db, organization=organization, starts_at=clock.now() - timedelta(days=3))
    event = make_event(db, organization=organization)
    assert forecast.of_event(db, event=event, confirmed=100) is None


@pytest.mark.parametrize("people", [None, 0], ids=["not recorded", "as it was said up to rule 4"])
def test_an_event_without_scans_is_no_precedent(db: Session, organization: Organization, people: int | None) -> None:
    for rate in (0.1, 0.2):
        past_event(db, organization, rate)
    by_hand = past_event(db, organization, 0.9, headcount=35)
    report = make_report(db, by_hand, version=2, figures={"people": people, "no_show_rate": 1.0})
    event = make_event(db, organization=organization)
    assert forecast.of_event(db, event=event, confirmed=100) is None
    report.figures = {**report.figures, "people": 1}
    db.flush()
    assert forecast.of_event(db, event=event, confirmed=100) is not None


def test_its_own_series_speaks_where_it_is_long_enough(
    db: Session, organization: Organization, statements: Statements
) -> None:
    series = make_series(db, organization_id=organization.id)
    event = make_event(db, organization=organization, series_id=series.id)
    for rate in (0.3, 0.3):
        past_event(db, organization, rate, days_ago=400, series_id=series.id)
    for days in range(1, 20):
        past_event(db, organization, 0.1, days_ago=days)
    few = forecast.of_event(db, event=event, confirmed=100)
    assert few is not None
    assert few.middle == 90
    past_event(db, organization, 0.4, days_ago=500, series_id=series.id)
    with statements() as executed:
        own = forecast.of_event(db, event=event, confirmed=100)
    assert len(executed) == 1
    assert own is not None
    assert (len(own.precedents), own.middle, own.fewest) == (3, 70, 60)


def test_the_newest_version_of_a_report_counts(db: Session, organization: Organization) -> None:
    for rate in (0.1, 0.1, 0.1):
        event = past_event(db, organization, rate)
    make_report(db, event, version=2, figures={"registered": 40, "no_show_rate": 0.6})
    prediction = forecast.of_event(db, event=make_event(db, organization=organization), confirmed=100)
    assert prediction is not None
    assert prediction.fewest == 40
