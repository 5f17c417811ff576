"""An event with everything that a page can show, and reading a page."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.models import Event, EventSession, Partner, Speaker
from tests.factories import make_event, make_series
from tests.support.every_route import world

__all__ = ["page_of", "workshop", "world"]

CITY = {"en": "Dushanbe", "ru": "Душанбе", "tg": "Душанбе"}
LONG = {code: f"{word} " * 12 for code, word in {"en": "conversation", "ru": "разговор", "tg": "гуфтугӯ"}.items()}


@pytest.fixture
def workshop(db: Session) -> Event:
    """An event with everything that a page can show, at /en/e/workshop."""
    start = datetime(2038, 1, 23, 4, tzinfo=UTC)
    days = [
        EventSession(title={"en": f"Day {n + 1}"}, starts_local=day, ends_local=day + timedelta(hours=8))
        for n, day in enumerate([datetime(2038, 1, 23, 9), datetime(2038, 1, 24, 9)])
    ]
    event = make_event(
        db,
        slug="workshop",
        title={"en": "A workshop", "ru": "Мастерская", "tg": "Устохона"},
        summary=LONG,
        description={"ru": "Приносите <b>ноутбук</b>."},
        languages=["ru", "tg"],
        city=CITY,
        venue={"tg": "Толори «Авесто»"},
        bring=LONG,
        accessibility=LONG,
        spoken=["tg", "ru"],
        contact="+992 93 123 45 67",
        map_link="https://maps.example.org/1",
        capacity=20,
        starts_at=start,
        hours=32,
        sessions=days,
        series_id=make_series(db, title={"en": "Media workshops"}).id,
    )
    db.add_all(Speaker(event_id=event.id, name={"ru": f"Спикер {n}"}, position=n, sample=n == 1) for n in range(3))
    db.add(Partner(event_id=event.id, name={"en": "Partner"}, role={"en": "Hall"}, link="https://example.org/"))
    db.flush()
    return event


def page_of(client: FlaskClient, address: str) -> str:
    """Return the page at an address."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text
