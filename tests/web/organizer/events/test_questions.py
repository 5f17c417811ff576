"""The ready questions: the same keys in every language, also after their texts were changed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.i18n import gettext, normalize, use_language
from shared.models import Event, Question
from web.forms import fields, ready_questions
from web.forms.fields import Setting
from web.organizer import edit_conflicts
from web.organizer.events import questions

READY_ANSWERS = {
    "gender": ("one", ["female", "male"]),
    "age_group": ("one", ["under_16", "16_to_24", "25_to_34", "35_to_59", "60_or_more"]),
    "district": ("short", []),
    "organization": ("short", []),
    "heard_from": ("one", ["friends", "telegram", "instagram", "facebook", "poster", "university", "other"]),
    "photo_consent": ("yes_no", []),
    "guardian": ("short", []),
    "name_in_latin": ("short", []),
}
"""Saved answers and reports use these keys: a changed key would split one answer into two."""


@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_ready_questions_have_the_same_keys_in_every_language(
    organizer: FlaskClient, rows: Callable[..., Any], db: Session, event: Event, language: str
) -> None:
    event.languages, event.title = [language], {language: "iTalk"}
    db.flush()
    organizer.set_cookie("language", language)
    for key in READY_ANSWERS:
        assert rows("questions/", ready=key, kind="short", ticket_type_id="").status_code == 303
    questions_of_event = db.scalars(select(Question).order_by(Question.position)).all()
    assert {
        question.key: (question.kind, [option["key"] for option in question.options]) for question in questions_of_event
    } == READY_ANSWERS
    for texts in (
        *(question.label for question in questions_of_event),
        *(option["label"] for question in questions_of_event for option in question.options),
    ):
        assert set(texts) == {"en", "ru", "tg"}
        assert all(texts.values())
    with use_language(language):
        assert [question.label[language] for question in questions_of_event] == [
            normalize(gettext(ready_questions.LABELS[key])) for key in READY_ANSWERS
        ]


def test_a_question_in_english_has_its_own_words_for_a_key(rows: Callable[..., Any], db: Session, event: Event) -> None:
    event.languages, event.title = ["en"], {"en": "iTalk"}
    db.flush()
    words = {"label.en": "What will you ask the speakers?"}
    assert rows("questions/", ready="", kind="short", ticket_type_id="", **words).status_code == 303
    assert db.scalars(select(Question.key)).one() == "what_will_you_ask_the_speakers"


@pytest.mark.parametrize("words", ["From a poster", "С афиши", "АЗ ПЛАКАТ"])
def test_a_removed_option_comes_back_under_its_key(
    rows: Callable[..., Any], db: Session, event: Event, words: str
) -> None:
    rows("questions/", ready="heard_from", kind="short", ticket_type_id="")
    question = db.scalars(select(Question)).one()
    address = f"questions/{question.id}"

    def save(**changed: str) -> list[str]:
        db.refresh(question)
        values = fields.show(questions.fields_of(event), question, Setting(event.languages, event.zone))
        values |= questions.shown_options(question, event)
        form = {**values, "version": edit_conflicts.stamp(values), **changed}
        assert rows(address, **{name: text for name, text in form.items() if text}).status_code == 303
        db.refresh(question)
        return [option["key"] for option in question.options]

    gone = {f"option.poster.{code}": "" for code in event.languages}
    assert "poster" not in save(**gone)
    assert save(**{"option.new1.tg": words, "option.new2.tg": "Аз радио"})[-2:] == ["poster", "az_radio"]


def test_options_are_neither_cut_nor_left_out(rows: Callable[..., Any], db: Session, event: Event) -> None:
    form = {"ready": "", "label.tg": "Чой?", "kind": "one", "ticket_type_id": "", "option.new2.tg": "Не"}
    answer = rows("questions/", **form, **{"option.new1.tg": "ӣ" * 301})
    assert (answer.status_code, db.scalars(select(Question)).all()) == (422, [])
    assert re.search(r'id="[^"]*option\.new1\.tg-error">[^<]*300 characters', answer.text)
    assert "ӣ" * 301 in answer.text

    rows("questions/", **form, **{"option.new1.tg": "Ҳа"})
    question = db.scalars(select(Question)).one()
    question.options = [{"key": f"k{n}", "label": {"tg": f"Ҷавоби {n}"}} for n in range(29)]
    db.flush()
    values = fields.show(questions.fields_of(event), question, Setting(event.languages, event.zone))
    values |= questions.shown_options(question, event)
    form = {**values, "version": edit_conflicts.stamp(values), "option.new1.tg": "Ҳа", "option.new2.tg": "Не"}
    answer = rows(f"questions/{question.id}", **form)
    assert answer.status_code == 422
    assert "There are too many answers. The limit is 30." in answer.text


def test_the_form_for_a_question_is_folded_until_it_is_needed(
    organizer: FlaskClient, rows: Callable[..., Any], event: Event
) -> None:
    address = f"/organize/events/{event.id}/edit/questions"
    folded = r'<details class="folded"( open)?>\s*<summary>([^<]*)'
    names = ["Choose a ready question", "Write your own question", "Answers to choose from", "More answers"]
    assert re.findall(folded, organizer.get(address).text) == [("", name) for name in names]
    form = {"ready": "", "label.tg": "Чой?", "kind": "one", "ticket_type_id": "", "option.new9.tg": "Не"}
    page = rows("questions/", **form).text
    assert re.findall(folded, page) == [("", names[0]), *((" open", name) for name in names[1:])]
    rows("questions/", **form, **{"option.new1.tg": "Ҳа"})
    assert re.findall(folded, organizer.get(address).text)[:2] == [(" open", names[2]), ("", names[3])]


def test_nine_options_are_added_at_once(rows: Callable[..., Any], db: Session, event: Event) -> None:
    answers = {f"option.new{n}.tg": f"Ҷавоби {n}" for n in range(1, 10)}
    form = {"ready": "", "label.tg": "Чой?", "kind": "one", "ticket_type_id": ""}
    assert rows("questions/", **form, **answers).status_code == 303
    assert len(db.scalars(select(Question)).one().options) == 9


def test_a_ready_question_and_an_own_one_are_refused_together(
    rows: Callable[..., Any], db: Session, event: Event
) -> None:
    own = {"kind": "short", "ticket_type_id": "", "label.ru": "Мой собственный вопрос"}
    answer = rows("questions/", ready="gender", **own)
    assert (answer.status_code, db.scalars(select(Question)).all()) == (422, [])
    assert re.search(r'id="new-ready-error">[^<]*wrote your own as well', answer.text)
    assert "Мой собственный вопрос" in answer.text
    assert rows("questions/", ready="", **own, **{"label.tg": "Саволи ман"}).status_code == 303
    assert db.scalars(select(Question)).one().key not in ready_questions.QUESTIONS
