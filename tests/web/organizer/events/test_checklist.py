"""The checklist of an event: missing texts by section, and required items before publishing."""

import re
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.i18n import gettext
from shared.models import Event, Partner, Question, Speaker
from web.organizer.events.editor import TITLES

GAPS: Mapping[str, Callable[[Event], None]] = {
    "time": lambda event: setattr(event, "venue", {"tg": "Толор"}),
    "sessions": lambda event: setattr(event.sessions[0], "title", {"tg": "Кушоиш"}),
    "speakers": lambda event: event.speakers.append(Speaker(name={"tg": "Нигина"})),
    "partners": lambda event: event.partners.append(Partner(name={"tg": "Пешрафт"})),
    "ticket_types": lambda event: setattr(event.ticket_types[0], "title", {"tg": "Макон"}),
    "questions": lambda event: event.questions.append(Question(key="why", kind="short", label={"tg": "Сабаб"})),
    "recap": lambda event: setattr(event, "recap", {"tg": "Хуб буд"}),
}
"""For each section of the editor, a change after which a text exists in one language only."""


@pytest.mark.parametrize("section", GAPS)
def test_missing_texts_are_listed_by_section(organizer: FlaskClient, db: Session, event: Event, section: str) -> None:
    event.venue = {}
    db.flush()
    address = f"/organize/events/{event.id}/edit/"
    assert "no text yet in" not in organizer.get(address).text
    GAPS[section](event)
    db.flush()
    links = re.findall(r'<a href="([^"]+)">([^<]*: no text yet in [^<]*)</a>', organizer.get(address).text)
    assert links == [(f"{address}{section}", f"{gettext(TITLES[section])}: no text yet in Русский, English")]


def test_an_option_without_a_text_is_listed_among_the_questions(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    label, whole = {"tg": "Ранг", "ru": "Цвет", "en": "Colour"}, {"tg": "Сурх", "ru": "Красный", "en": "Red"}
    options = [{"key": "red", "label": whole}, {"key": "blue", "label": {"tg": "Кабуд", "ru": "Синий"}}]
    event.questions.append(Question(key="colour", kind="one", label=label, options=options))
    db.flush()
    page = organizer.get(f"/organize/events/{event.id}/edit/").text
    assert "Questions: no text yet in English</a>" in page


def test_a_draft_with_missing_texts_is_not_published(organizer: FlaskClient, db: Session, event: Event) -> None:
    event.state, event.venue = "draft", {}
    db.flush()
    address = f"/organize/events/{event.id}/edit/"
    assert "A venue" in organizer.get(address).text
    answer = organizer.post(f"{address}publish")
    assert answer.status_code == 409
    assert "something required is missing" in answer.text
    event.venue = {"tg": "Китобхонаи миллӣ"}
    db.flush()
    assert organizer.post(f"{address}publish").status_code == 303
    db.refresh(event)
    assert event.state == "published"
    assert organizer.get(f"/tg/e/{event.slug}").status_code == 200
