"""The questions of an event: shown in every language, and stored whole or not at all."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.models import Event, Question, QuestionKind, Registration
from tests.conftest import Statements
from tests.factories import make_event
from tests.web.signing_up import count, send


@pytest.fixture
def asking(db: Session) -> Event:
    event = make_event(db, slug="asking")
    options = [{"key": "red", "label": {"en": "Red"}}, {"key": "blue", "label": {"ru": "Синий"}}]
    event.questions.extend(
        Question(key=kind, kind=kind, label={"en": f"A {kind}"}, options=options if kind in {"one", "several"} else [])
        for kind in QuestionKind
    )
    event.questions[0].required = True
    event.questions.append(Question(key="gender", kind="short", label={}))
    db.flush()
    return event


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_question_type_is_shown(client, db, asking, lang):
    form = client.get(f"/{lang}/e/asking").text.split("<form")[1].split("</form>")[0]
    assert all(f'name="answer.{kind}"' in form for kind in QuestionKind)
    assert 'type="date"' in form
    assert 'inputmode="decimal"' in form
    assert '<span lang="ru">Синий</span>' in form or lang == "ru"
    assert {"en": "Gender", "ru": "Пол", "tg": "Ҷинс"}[lang] in form
    assert form.count(" required") == 2


def test_answers_are_kept_with_the_registration(client, db, asking, statements: Statements):
    db.expunge_all()
    answers = {"short": "a", "long": "b\nc", "one": "red", "yes_no": "no", "number": "3", "date": "2026-12-31"}
    fields = {f"answer.{key}": value for key, value in answers.items()} | {"answer.several": ["red", "blue"]}
    with statements() as executed:
        assert send(client, slug="asking", **fields, **{"answer.unknown": "x"}).status_code == 303
    assert len(executed) <= 6
    stored = {**answers, "several": ["red", "blue"], "yes_no": False, "number": 3}
    assert db.scalars(select(Registration.answers)).one() == stored


def test_a_wrong_answer_is_reported_at_its_field_and_the_others_are_repeated(client, db, asking):
    fields = {"answer.one": "red", "answer.several": ["blue"], "answer.long": "<b>", "answer.date": "2026-02-30"}
    answer = send(client, slug="asking", **fields)
    assert (answer.status_code, count(db)) == (422, 0)
    assert 'id="answer.short-error"' in answer.text
    assert 'id="answer.date-error"' in answer.text
    assert re.search(r'value="red" checked', answer.text)
    assert re.search(r'value="blue" checked', answer.text)
    assert "&lt;b&gt;</textarea>" in answer.text


def test_any_answer_is_stored_whole_or_refused(client, db, asking):
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        st.dictionaries(st.sampled_from(QuestionKind), st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
    )
    def drive(typed: dict[str, str]) -> None:
        before = count(db)
        fields = {f"answer.{key}": value for key, value in typed.items()}
        answer = send(client, slug="asking", email=f"guest{before}@example.org", **fields)
        assert answer.status_code in {303, 422}
        assert count(db) == before + (answer.status_code == 303)

    drive()
