"""The demo: past events as they are on record, coming ones marked as samples, and the same after loading it twice."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.command.demo.command import clear
from shared.command.demo.load import BEGAN, SLUG, empty, load, tour
from shared.command.preparation import prepare
from shared.command.tour import lines
from shared.config import LANGUAGES
from shared.models import Account, Device, Event, Organization, Question, Registration, Report, Scan, Speaker
from shared.reports.due_reports import due_for_report
from tests.conftest import Committed
from tests.factories import (
    make_account,
    make_device,
    make_door,
    make_event,
    make_registration,
    make_report,
    move_event,
)
from tests.support.scans import claim, hand_in

REAL = func.coalesce(Event.starts_at < datetime(2020, 1, 1, tzinfo=UTC), True)
"""The events that are on record: of one the time is not known."""


@pytest.fixture
def demo(committed: Committed) -> Committed:
    load(committed.settings)
    return committed


def counts(demo: Committed) -> list[int]:
    with demo.sessions.begin() as db:
        tables = Event.metadata.sorted_tables
        return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_loading_it_twice_changes_nothing(demo: Committed) -> None:
    before = counts(demo)
    load(demo.settings)
    assert counts(demo) == before


def test_a_month_later_there_are_coming_events_again(demo: Committed) -> None:
    with time_machine.travel(clock.now() + timedelta(days=40)):
        load(demo.settings)
    with demo.sessions.begin() as db:
        assert db.scalar(select(func.count()).select_from(Event)) == 4 + 3 + 3 + 4 + 2


def test_an_event_that_was_moved_into_the_past_is_left_alone(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.capacity == 300)).one()
        day = (event.starts_local or clock.now()) - timedelta(days=60)
        move_event(db, event, starts=day, ends=day + timedelta(hours=2))
    before = counts(demo)
    load(demo.settings)
    assert counts(demo) == before


def test_what_is_not_known_stays_so(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        past = {event.slug: event for event in db.scalars(select(Event).where(REAL))}
        known = {slug: event.known for slug, event in past.items()}
        headcounts = {event.headcount for event in past.values()}
    assert known == {
        "italk-when-hard-work-matters": "day",
        "italk-two-heads": "day",
        "open-discussions-2017": "about",
        "workshops-media-and-debate": "unknown",
    }
    assert headcounts == {None, 22}


def on_record(db: Session) -> Event:
    return db.scalars(select(Event).where(Event.slug == "open-discussions-2017")).one()


EARLIER = "open-discussion-domestic-violence"


@pytest.fixture
def outdated(demo: Committed) -> int:
    """Return the id of an event on record as an earlier version loaded it, counted and scanned since."""
    with demo.sessions.begin() as db:
        event = on_record(db)
        event.slug, event.title = EARLIER, {"en": "Open Discussion on domestic violence"}
        event.speakers[0].name = {"en": "Somebody Else"}
        event.headcount = 31
        make_device(db, make_door(db, event))
        make_registration(db, event)
        make_report(db, event)
        return event.id


def test_an_earlier_versions_events_are_corrected_and_keep_their_registrations(demo: Committed, outdated: int) -> None:
    before = counts(demo)
    load(demo.settings)
    assert counts(demo) == before
    with demo.sessions.begin() as db:
        event = on_record(db)
        assert (event.id, event.title, event.headcount) == (outdated, {"en": "Open Discussions"}, 31)
        named = ["Munira Inoyatova", "Aziza Salikhova", "Bakhrom Hamrokulov"]
        assert [speaker.name["en"] for speaker in event.speakers] == named
        assert "munira" in event.search_key
        assert "violence" not in event.search_key
        for table in (Device, Registration, Report):
            assert db.scalar(select(func.count()).where(table.event_id == outdated))


def test_an_edited_event_is_not_corrected(demo: Committed, outdated: int) -> None:
    with demo.sessions.begin() as db:
        db.get_one(Event, outdated).version = 2
    load(demo.settings)
    with demo.sessions.begin() as db:
        assert db.get_one(Event, outdated).slug == EARLIER
        assert len(db.scalars(select(Speaker).where(Speaker.event_id == outdated)).all()) == 3


@pytest.mark.parametrize("address", [EARLIER, "another-address"])
def test_an_address_in_use_by_another_organization_does_not_prevent_the_start(
    demo: Committed, outdated: int, address: str
) -> None:
    with demo.sessions.begin() as db:
        db.get_one(Event, outdated).slug = address
        db.flush()
        title = make_event(db, slug="open-discussions-2017").title
    before = counts(demo)
    load(demo.settings)
    assert counts(demo) == before
    with demo.sessions.begin() as db:
        assert on_record(db).title == title


def test_no_one_is_invented_at_a_real_event_and_everyone_at_a_sample(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        real = db.scalars(select(Event.id).where(REAL)).all()
        for event in db.scalars(select(Event)):
            assert {speaker.sample for speaker in event.speakers} <= {event.id not in real}


def test_nothing_is_compiled_for_it(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        assert due_for_report(db, now=clock.now()) == []


def test_coming_events_have_their_seats_and_days(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        coming = db.scalars(select(Event).where(Event.starts_at > clock.now()).order_by(Event.capacity)).all()
        assert [(event.capacity, len(event.sessions)) for event in coming] == [(20, 2), (30, 1), (300, 1)]


def test_coming_events_say_what_a_visitor_must_know_in_three_languages(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        for event in db.scalars(select(Event).where(Event.starts_at > clock.now())):
            assert event.contact
            assert event.spoken
            for texts in (event.bring, event.accessibility, event.venue):
                assert set(texts) == set(LANGUAGES)


def test_the_doors_of_a_coming_event_are_always_open(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        assert db.scalars(select(Event.doors_open_minutes).where(Event.starts_at > clock.now())).all() == [None] * 3


def test_the_workshop_asks_two_ready_questions(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        asked = db.scalars(select(Question).join(Event).where(Event.capacity == 20).order_by(Question.position)).all()
        assert [(question.key, question.kind) for question in asked] == [
            ("organization", "short"),
            ("heard_from", "one"),
        ]
        for texts in (*(question.label for question in asked), *(option["label"] for option in asked[1].options)):
            assert set(texts) == set(LANGUAGES)


def test_a_public_address_has_no_demo_sign_in(committed: Committed) -> None:
    load(committed.settings.model_copy(update={"base_url": "https://turnout.example"}))
    with committed.sessions.begin() as db:
        assert db.scalars(select(Account)).all() == []


def test_under_a_public_address_there_are_no_sample_evenings(committed: Committed) -> None:
    load(committed.settings.model_copy(update={"base_url": "https://turnout.example"}))
    with committed.sessions.begin() as db:
        assert db.scalar(select(func.count()).select_from(Event)) == 4 + 3
        assert empty(db) == []


def test_under_a_public_address_the_tour_leads_to_no_closed_page(demo: Committed) -> None:
    local = demo.settings.model_copy(update={"turnout_demo": True})
    public = local.model_copy(update={"base_url": "https://192.168.1.7:8000"})
    steps = prepare(public)
    assert (steps.email, steps.password, steps.sign_in) == ("", "", "")
    assert (steps.mailbox, steps.live, steps.report) == ("", "", "")
    assert steps.own == "https://192.168.1.7:8000/account/first"
    assert steps.code
    assert "demo.example" not in " ".join(lines(steps, command=""))


def test_the_tour_ends_with_creating_an_organization_until_one_exists(demo: Committed) -> None:
    local = demo.settings.model_copy(update={"turnout_demo": True})
    steps = prepare(local)
    assert (steps.own, len(steps.code)) == ("http://127.0.0.1:8000/account/first", 11)
    assert steps.email == "organizer@demo.example"
    with demo.sessions.begin() as db:
        make_account(db)
    assert (prepare(local).own, prepare(local).sign_in) == ("", steps.sign_in)
    empty = prepare(demo.settings)
    assert (empty.own, empty.sign_in) == ("", "http://127.0.0.1:8000/account/sign-in")


def test_the_tour_names_the_next_talk_a_door_the_event_that_is_on_and_the_last_evening(demo: Committed) -> None:
    steps = tour(demo.settings)
    assert "/tg/e/italk-" in steps.event
    assert "/door/#" in steps.door
    assert steps.fills
    with demo.sessions.begin() as db:
        on_now = db.scalars(select(Event).where(Event.starts_at < clock.now(), Event.ends_at > clock.now())).one()
        last = db.scalars(select(Event).where(Event.slug == "city-evening-4")).one()
        assert steps.live.endswith(f"/organize/events/{on_now.id}/live")
        assert steps.report.endswith(f"/organize/events/{last.id}/report")
    assert (steps.email, steps.password) == ("organizer@demo.example", "peshraft")


@pytest.mark.parametrize("state", ["draft", "published"])
def test_an_event_of_the_series_without_a_door_pass_is_no_step_of_the_tour(demo: Committed, state: str) -> None:
    before = tour(demo.settings)
    with demo.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug.startswith("italk-20"))).one()
        columns = {"organization_id": event.organization_id, "series_id": event.series_id, "state": state}
        make_event(db, slug="mine", starts_at=clock.now() + timedelta(days=1), **columns)
    assert tour(demo.settings) == before


def test_a_coming_event_that_nobody_edited_gets_the_texts_of_this_version(demo: Committed) -> None:
    for version, venue in ((1, "Sample Hall"), (2, "Ismaili Centre")):
        with demo.sessions.begin() as db:
            event = db.scalars(select(Event).where(Event.slug.startswith("italk-20"))).one()
            event.venue, event.version = {"en": "Ismaili Centre"}, version
        load(demo.settings)
        with demo.sessions.begin() as db:
            assert db.scalars(select(Event).where(Event.slug.startswith("italk-20"))).one().venue["en"] == venue


@pytest.mark.parametrize("ended", [{"doors_closed_at": clock.now()}, {"state": "cancelled"}])
def test_where_the_evening_has_ended_early_the_next_start_begins_another(
    demo: Committed, ended: dict[str, object]
) -> None:
    with demo.sessions.begin() as db:
        tonight = Event.slug.startswith("open-evening")
        began = db.scalars(update(Event).where(tonight).values(ended).returning(Event.starts_at)).one()
    with time_machine.travel(began + BEGAN + timedelta(seconds=1)):
        load(demo.settings)  # in the minute that its address names
        assert not tour(demo.settings).live
    with time_machine.travel(began + BEGAN + timedelta(minutes=1)):
        load(demo.settings)
        assert tour(demo.settings).live


def test_removing_it_leaves_nothing_of_it_and_all_of_the_others(demo: Committed) -> None:
    with demo.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.capacity == 300)).one()
        device = make_device(db, make_door(db, event))[0]
        hand_in(db, device, claim(event, person=make_registration(db, event).ticket_id))
        db.add(Organization(slug="other", name={"en": "Other"}, zone="Asia/Dushanbe", languages=["en"]))
    clear(demo.settings)
    with demo.sessions.begin() as db:
        assert db.scalars(select(Registration)).all() == []
        assert db.scalars(select(Scan)).all() == []
        assert SLUG not in db.scalars(select(Organization.slug)).all()
        assert "other" in db.scalars(select(Organization.slug)).all()
