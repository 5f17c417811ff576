"""Before the event: the registrations so far, and the attendance to expect."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Channel, Event
from tests.conftest import Statements
from tests.factories import make_event, make_registration, make_report


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, capacity=50)


def test_registrations_by_day_source_language_and_ticket_type(viewer: FlaskClient, db: Session, event: Event) -> None:
    db.add(Channel(event_id=event.id, code="abcd23", name="Poster at the library"))
    # 20:30 in UTC is the next day in Dushanbe.
    late = (clock.now() - timedelta(days=3)).replace(hour=20, minute=30)
    for created, source, language in [
        (late, "abcd23", "tg"),
        (late, None, "tg"),
        (late - timedelta(days=4), "x", "ru"),
    ]:
        make_registration(db, event, created_at=created, source=source, language=language)
    make_registration(db, event, state="waiting", confirmed_at=None, created_at=late)
    make_registration(db, event, state="cancelled", cancelled_at=clock.now(), cancelled_by="self")
    page = viewer.get(f"/organize/events/{event.id}/sign-ups").text
    assert "<strong>3</strong> people registered" in page
    assert "<strong>1</strong> on the waiting list" in page
    day = late + timedelta(hours=5)
    assert f"{day.day} {day:%B}" in page
    assert f"{day:%B}: 3 people." in page
    for label, count in (("Poster at the library", 1), ("not stated", 2), ("x", 1), ("Русский", 1), ("Тоҷикӣ", 3)):
        assert f"<dt>{label}</dt><dd>{count}</dd>" in page
    assert "<svg" in page
    assert "There are not enough past events to go by yet" in page


@pytest.mark.parametrize(
    ("language", "of_one", "of_two"),
    [
        (
            "en",
            ("person registered", "not confirmed yet", "offered a seat", "on the waiting list"),
            "on the waiting list",
        ),
        (
            "ru",
            ("человек зарегистрирован", "ещё без подтверждения", "с предложением места", "в листе ожидания"),
            "в листе ожидания",
        ),
        (
            "tg",
            ("нафар ба қайд гирифта шудааст", "ҳанӯз тасдиқ накардааст", "пешниҳоди ҷой дорад", "дар рӯйхати интизорӣ"),
            "дар рӯйхати интизорӣ",
        ),
    ],
)
def test_one_person_is_not_several(
    viewer: FlaskClient, db: Session, event: Event, language: str, of_one: tuple[str, ...], of_two: str
) -> None:
    deadline = clock.now() + timedelta(hours=1)
    make_registration(db, event)
    make_registration(db, event, state="unconfirmed", confirmed_at=None, deadline=deadline)
    make_registration(db, event, state="offered", confirmed_at=None, deadline=deadline)
    make_registration(db, event, state="waiting", confirmed_at=None)
    viewer.set_cookie("language", language)
    page = viewer.get(f"/organize/events/{event.id}/sign-ups").text
    assert all(f"<strong>1</strong> {words}<" in page for words in of_one)
    make_registration(db, event, state="waiting", confirmed_at=None)
    assert f"<strong>2</strong> {of_two}<" in viewer.get(f"/organize/events/{event.id}/sign-ups").text


def chart_and_days(page: str) -> tuple[str, list[str]]:
    """Return the chart, and the days under it."""
    chart = page.partition("<svg")[2].partition("</svg>")[0]
    return chart, re.findall(r">(\d\d\.\d\d)<", chart)


def test_the_event_s_day_is_marked_and_named(viewer: FlaskClient, db: Session, event: Event) -> None:
    event.starts_local = datetime(2038, 3, 20, 18)
    for day in (1, 4, 18):
        make_registration(db, event, created_at=datetime(2038, 3, day, 6, tzinfo=UTC))
    chart, _ = chart_and_days(page := viewer.get(f"/organize/events/{event.id}/sign-ups").text)
    assert ">The event</text>" in chart
    assert "Day of the event: Saturday 20 March" in page
    line = float(re.findall(r'dasharray="7 5" d="M([\d.]+) ', chart)[0])
    assert line == pytest.approx(64 + 19.5 * 640 / 20, abs=0.1), "the last of twenty days"


@pytest.mark.parametrize(("known", "starts"), [("minute", datetime(2038, 12, 1, 18)), ("about", datetime(2038, 3, 20))])
def test_a_distant_or_unknown_day_is_not_in_the_chart(
    viewer: FlaskClient, db: Session, event: Event, known: str, starts: datetime
) -> None:
    event.starts_local, event.known = starts, known
    for day in (1, 4):
        make_registration(db, event, created_at=datetime(2038, 3, day, 6, tzinfo=UTC))
    page = viewer.get(f"/organize/events/{event.id}/sign-ups").text
    assert chart_and_days(page)[1] == ["01.03", "02.03", "03.03", "04.03"]
    assert "The event</text>" not in page
    assert ("Day of the event" in page) == (known == "minute")


def test_with_past_events_it_says_how_many_attendees_to_expect_and_why(
    viewer: FlaskClient, db: Session, event: Event
) -> None:
    for rate in (0.1, 0.2, 0.5):
        earlier = make_event(db, organization=event.organization, starts_at=clock.now() - timedelta(days=40))
        make_report(db, earlier, figures={"no_show_rate": rate})
    for _ in range(10):
        make_registration(db, event)
    page = viewer.get(f"/organize/events/{event.id}/sign-ups").text
    assert "Of 10 registered attendees, about 8 are expected to come: between 5 and 9." in page
    assert "was 20%" in page
    assert "<td>50%</td>" in page


@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_before_the_first_registration_there_is_a_page(viewer: FlaskClient, event: Event, language: str) -> None:
    viewer.set_cookie("language", language)
    assert viewer.get(f"/organize/events/{event.id}/sign-ups").status_code == 200


def test_it_takes_as_many_statements_for_any_number(
    viewer: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    counts, path = [], f"/organize/events/{event.id}/sign-ups"
    for number in (1, 5):
        for _ in range(number):
            make_registration(db, event)
        db.expire_all()
        with statements() as executed:
            viewer.get(path)
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 9, "\n".join(executed)
