"""The sample evenings: they have every step of the tour, no message is left, and a killed one resumes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.command.demo import history
from shared.command.demo.command import clear
from shared.command.demo.load import STORIES, empty, load, tour
from shared.command.demo.story import CHANNELS, Story
from shared.config import Settings
from shared.events import announcements
from shared.models import (
    Admission,
    Audit,
    Epoch,
    Event,
    Mailing,
    OutboxMessage,
    Registration,
    Report,
    Scan,
    Series,
)
from shared.outbox.outcomes import SkipReason, skipped
from shared.reports import comparison
from shared.reports.due_reports import due_for_report
from tests.conftest import Committed, own_database
from tests.factories import make_account


def small(story: Story) -> Story:
    """Return a story with a tenth of the people and seats."""
    headcount, cancel = story.headcount and story.headcount // 10, min(story.cancel, 3)
    return replace(
        story, capacity=story.capacity // 10, people=story.people // 10 + 1, headcount=headcount, cancel=cancel
    )


def tiny(story: Story) -> Story:
    """Return a story with six people, in which next to nothing happens."""
    return replace(story, capacity=9, people=6, walk_ins=0, conflicts=0, cancel=0, headcount=None)


@contextmanager
def loaded(settings: Settings, scale: Callable[[Story], Story]) -> Iterator[Committed]:
    """Load the demo into a database of its own, its evenings still empty."""
    with own_database(settings) as own, pytest.MonkeyPatch.context() as changed:
        for slug, story in STORIES.items():
            changed.setitem(STORIES, slug, scale(story))
        load(own.settings)
        yield own


@pytest.fixture(scope="module")
def demo(settings: Settings) -> Iterator[Committed]:
    """Load the demo with small evenings; no test changes anything."""
    with loaded(settings, small) as demo:
        history.fill(demo.settings)
        yield demo


def reports(db: Session, slug: str) -> list[Report]:
    """Return the versions of an evening's report, the first one first."""
    query = select(Report).join(Event).where(Event.slug == slug).order_by(Report.version)
    return list(db.scalars(query))


def counts(db: Session) -> list[int]:
    """Return the number of rows of each table, but for the database's own epoch, which has one."""
    tables = (table for table in Event.metadata.sorted_tables if table is not Epoch.__table__)
    return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_every_step_of_the_tour_is_in_the_demo(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        assert db.scalar(select(func.count()).select_from(Event)) == 12
        first, second = reports(db, "city-evening-4")
        figures = second.figures
        # A late phone brings people and the conflicts, and so a second version; by then it has been heard from.
        assert second.changes["people"] == [first.figures["people"], figures["people"]]
        assert (first.figures["conflicts"], figures["conflicts"]) == (0, 2)
        assert [report.figures["phones"]["silent"] for report in (first, second)] == [1, 0]
        assert figures["phones"]["offline_share"] > 0
        assert len({row["id"] for row in figures["doors"]}) == 2
        assert figures["walk_ins"]["all"] == 11
        assert figures["headcount"] == 24
        assert figures["waitlisted"] > figures["promoted"] > 0
        assert figures["cancelled"]["all"] == 3
        assert reports(db, "city-evening-1")[-1].figures["returning"] == 0 < figures["returning"]
        assert sum(figures["refused"].values()) == 3
        assert {row[0] for row in figures["breakdowns"]["source"]} & set(CHANNELS)
        # No conflict is settled.
        assert db.scalar(select(func.count()).where(Admission.conflicts != [])) == 4


def test_a_series_of_four_is_compared(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        evenings = db.scalars(select(Series.id).where(Series.slug == "city-evenings")).one()
        compared = comparison.of_series(db, series_id=evenings, limit=10)
        assert [row.people is not None and row.registered is not None for row in compared] == [True] * 4


def test_one_event_is_on_and_people_are_still_to_come(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.starts_at < clock.now(), Event.ends_at > clock.now())).one()
        conditions = Admission.event_id == event.id, Admission.registered, Admission.first.is_not(None)
        assert 0 < (db.scalar(select(func.count()).where(*conditions)) or 0) < event.taken
        assert reports(db, event.slug) == []


def test_nothing_is_left_to_send_or_to_compile_and_a_mailing_went_out(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        past = select(OutboxMessage.outcome).join(Registration, Registration.id == OutboxMessage.subject).join(Event)
        past = past.where(Event.ends_at < clock.now())
        assert set(db.scalars(past.where(Registration.email.is_not(None)))) == {"sent"}
        assert set(db.scalars(past.where(Registration.email.is_(None)))) == {skipped(SkipReason.NO_ADDRESS)}
        assert db.scalar(select(func.count()).where(OutboxMessage.kind == "mailing")) or 0 > 20
        assert [mailing.started_at is not None for mailing in db.scalars(select(Mailing))] == [True, True]
        assert due_for_report(db, now=clock.now()) == []


def test_people_without_email_get_their_tickets_drawn_by_the_worker_while_the_event_is_on(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        query = select(Registration.email).join(OutboxMessage, OutboxMessage.subject == Registration.id).join(Event)
        query = query.where(Event.ends_at > clock.now(), OutboxMessage.kind == "registration_confirmed")
        assert set(db.scalars(query.where(OutboxMessage.finished_at.is_(None)))) <= {None}
        assert None not in db.scalars(query.where(OutboxMessage.finished_at.is_not(None))).all()


def test_everything_past_bears_the_time_at_which_it_happened(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        past = Event.ends_at < clock.now()
        moments = (
            (Registration, Registration.created_at, Event.ends_at),
            (Audit, Audit.at, Event.ends_at + timedelta(minutes=5)),
            (Scan, Scan.received_at, Event.ends_at + timedelta(hours=13)),
            (Mailing, Mailing.created_at, Event.starts_at),
        )
        for table, stamp, latest in moments:
            of_past = select(func.count()).select_from(table).join(Event, Event.id == table.event_id).where(past)
            assert db.scalar(of_past), table
            assert db.scalar(of_past.where(stamp > latest)) == 0, table


def test_filling_it_twice_changes_nothing(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        before = counts(db)
    load(demo.settings)
    history.fill(demo.settings)
    assert not tour(demo.settings).fills
    with demo.sessions.begin() as db:
        assert counts(db) == before


@pytest.fixture
def tiny_demo(settings: Settings) -> Iterator[Committed]:
    """Load the demo with tiny evenings, which are still empty."""
    with loaded(settings, tiny) as demo:
        yield demo


def test_what_was_killed_half_way_goes_on_where_it_was(tiny_demo: Committed, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_story, slugs = history.fill_story, list[str]()

    def until_killed(db: Session, *, event: Event, **more: Any) -> None:
        fill_story(db, event=event, **more)
        slugs.append(event.slug)
        if len(slugs) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(history, "fill_story", until_killed)
    with pytest.raises(KeyboardInterrupt):
        history.fill(tiny_demo.settings)
    with tiny_demo.sessions.begin() as db:
        assert len(empty(db)) == 3
        assert [len(reports(db, slug)) for slug in slugs] == [0, 1, 0]
    history.fill(tiny_demo.settings)
    # The tour shows the one that is on; of the others each recognises who was at one before it.
    assert slugs[0].startswith("open-evening")
    assert slugs[1:] == [f"city-evening-{number}" for number in (1, 2, 2, 3, 4)]
    with tiny_demo.sessions.begin() as db:
        assert empty(db) == []
        assert reports(db, slugs[2])


def test_an_evening_changed_or_ended_by_organizers_is_left_alone(tiny_demo: Committed) -> None:
    with tiny_demo.sessions.begin() as db:
        tonight = db.get_one(Event, empty(db)[0])
        announcements.cancel(db, event=tonight, because={}, by=make_account(db))
        closed, edited, *others = empty(db)
        db.get_one(Event, closed).doors_closed_at = clock.now()
        db.get_one(Event, edited).version += 1
        db.flush()
        assert empty(db) == others
    history.fill(tiny_demo.settings)
    assert not tour(tiny_demo.settings).fills
    with tiny_demo.sessions.begin() as db:
        assert set(db.scalars(select(Registration.event_id))) == set(others)


def test_removing_it_takes_every_evening_with_it(tiny_demo: Committed) -> None:
    history.fill(tiny_demo.settings)
    clear(tiny_demo.settings)
    with tiny_demo.sessions.begin() as db:
        # A consent's wording, and what the parts of the service say of themselves, belong to no organization.
        assert not any(counts(db))
