"""Answers to an event's own questions: their stored form, and that no text breaks them."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from shared.models import Question, QuestionKind
from shared.models.question import READY
from web.forms import FormError, answers, ready_questions, typos
from web.forms.registration import RegistrationForm

GOOD = {"name": "Ann", "email": "ann@example.org"}
OPTIONS = [{"key": "red", "label": {"en": "Red"}}, {"key": "blue", "label": {"en": "Blue"}}]


def ask(kind: str, key: str = "q", *, required: bool = False, ticket_type_id: int | None = None) -> Question:
    options = OPTIONS if kind in {"one", "several"} else []
    return Question(
        key=key, kind=kind, label={"en": "Q"}, options=options, required=required, ticket_type_id=ticket_type_id
    )


def answer(question: Question, typed: str):
    return answers.parse([question], {answers.field_of(question): typed})


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("short", "  two \t words ", "two words"),
        ("short", "Ann\0\u202e", "Ann"),
        ("long", "one\n\n\n two ", "one\n\ntwo"),
        ("one", "red", "red"),
        ("several", "blue", ["blue"]),
        ("several", "blue\nred", ["red", "blue"]),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
        ("number", "12", 12),
        ("number", "-2,5", -2.5),
        ("number", "1 000", 1000),
        ("number", "1000000000", 1_000_000_000),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "1.2.2026", "2026-02-01"),
    ],
)
def test_an_answer_is_stored_in_one_form(kind, typed, stored):
    assert answer(ask(kind), typed) == ({"q": stored}, {})


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        ("short", "x" * 201, "answer_short"),
        ("long", "x" * 2001, "answer_long"),
        ("short", "e" + "\u0301" * 9, "answer_sign"),
        ("long", "x\ne" + "\u0301" * 9, "answer_sign"),
        ("one", "green", "answer_choice"),
        ("one", "red\nblue", "answer_choice"),
        ("several", "red\ngreen", "answer_choice"),
        ("yes_no", "maybe", "answer_choice"),
        ("number", "1e9", "answer_number"),
        ("number", "1000000001", "answer_number"),
        ("number", "nan", "answer_number"),
        ("number", "٣", "answer_number"),
        ("date", "2026-02-30", "answer_date"),
        ("date", "0000-01-01", "answer_date"),
        ("date", "tomorrow", "answer_date"),
    ],
)
def test_an_invalid_answer_is_reported_at_its_field(kind, typed, reason):
    assert answer(ask(kind), typed) == ({}, {"answer.q": reason})


@pytest.mark.parametrize("kind", QuestionKind)
@pytest.mark.parametrize("typed", ["", "  ", "\0"])
def test_an_empty_answer_is_missing_where_one_is_required(kind, typed):
    assert answer(ask(kind), typed) == ({}, {})
    assert answer(ask(kind, required=True), typed) == ({}, {"answer.q": "answer_missing"})


def test_several_boxes_of_one_name_are_all_read():
    form = MultiDict([("answer.q", "blue"), ("answer.q", "red")])
    assert answers.parse([ask("several")], form) == ({"q": ["red", "blue"]}, {})


@pytest.mark.parametrize("kind", QuestionKind)
def test_an_answer_is_written_so_that_it_can_be_sent_again(kind):
    typed = {"one": "red", "several": "red\nblue", "yes_no": "no", "number": "2.5", "date": "2026-12-31"}
    stored = answer(ask(kind), typed.get(kind, "text"))[0]["q"]
    assert answer(ask(kind), answers.written(ask(kind), stored)) == ({"q": stored}, {})


@pytest.mark.parametrize(
    ("age", "guardian", "reasons"),
    [
        ("under_16", "", {"answer.guardian": "answer_guardian"}),
        ("under_16", "Mother, 93 123 45 67", {}),
        ("adult", "", {}),
    ],
)
def test_only_an_attendee_under_age_needs_a_guardian(age, guardian, reasons):
    ages = Question(key="age_group", kind="one", label={}, options=[{"key": "under_16"}, {"key": "adult"}])
    questions = [ages, ask("short", "guardian", required=True)]
    assert answers.parse(questions, {"answer.age_group": age, "answer.guardian": guardian})[1] == reasons


@pytest.mark.parametrize(("typed", "is_good"), [("Rahimov Jahongir", True), ("O'Neil-Smith", True), ("Раҳимов", False)])
def test_a_name_as_in_the_passport_is_latin(typed, is_good):
    assert (not answer(ask("short", "name_in_latin"), typed)[1]) is is_good


def test_every_ready_question_has_a_message():
    assert set(ready_questions.LABELS) == set(READY)


def test_questions_of_another_ticket_type_and_unknown_answers_are_ignored():
    questions = [ask("short", "all"), ask("short", "mine", ticket_type_id=1), ask("short", "other", ticket_type_id=2)]
    questions[2].required = True
    form = {**GOOD, "ticket_type": "1", **{f"answer.{key}": key for key in ("all", "mine", "other", "none")}}
    registration = RegistrationForm.parse(form, asks="either", questions=questions, ticket_types=(1, 2))
    assert registration.answers == {"all": "all", "mine": "mine"}


def test_the_only_ticket_type_need_not_be_chosen_for_its_question():
    questions = [ask("short", "mine", ticket_type_id=1, required=True)]
    with pytest.raises(FormError) as caught:
        RegistrationForm.parse(GOOD, asks="either", questions=questions, ticket_types=(1,))
    assert caught.value.errors == {"answer.mine": "Answer this question."}


def test_errors_are_in_page_order_and_long_answers_are_repeated_whole():
    questions = [ask("short", "z", required=True), ask("long", "a")]
    form = {"email": "x", "answer.a": "y" * 2500, "companion.1.name": "..."}
    with pytest.raises(FormError) as caught:
        RegistrationForm.parse(form, asks="either", questions=questions)
    assert list(caught.value.errors) == ["name", "email", "answer.z", "answer.a", "companion.1.name"]
    assert len(caught.value.values["answer.a"]) == 2500


any_text = st.text(st.characters(), max_size=60) | st.sampled_from(
    ["\0", "\ud800", "x" * 10_000, "1e400", "-0", "9" * 30, "٣", "red", "red\nblue", "yes", "2026-1-1", "\u202eab"]
)


@given(st.dictionaries(st.sampled_from([f"answer.{kind}" for kind in QuestionKind]), any_text), st.booleans())
def test_any_text_is_a_valid_answer_or_an_error(form, required):
    questions = [ask(kind, kind, required=required) for kind in QuestionKind]
    stored, reasons = answers.parse(questions, form)
    assert set(reasons.values()) <= set(answers.SENTENCES)
    assert not {answers.field_of(question) for question in questions if question.key in stored} & set(reasons)
    assert set(stored) <= set(QuestionKind)
    stored_text = json.dumps(stored, ensure_ascii=False)
    assert json.loads(stored_text) == stored
    assert not any(unicodedata.category(letter) == "Cs" for letter in stored_text)
    assert "\\u0000" not in stored_text
    assert abs(stored.get("number", 0)) <= 1_000_000_000


# Typos in email domains -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmail.con", "a@gmail.com"),
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmal.com", "a@gmail.com"),
        ("a@mail.ry", "a@mail.ru"),
        ("a@yandex.ri", "a@yandex.ru"),
        ("a@gmail.com", None),
        ("a@mail.com", None),
        ("a@example.org", None),
        ("gmail.con", None),
    ],
)
def test_a_typo_in_an_email_domain_is_noticed(typed, meant):
    assert typos.suggest(typed) == meant


def test_a_correction_is_offered_once_and_never_forced():
    form = {"name": "Ann", "email": "Ann@gmail.con"}
    with pytest.raises(FormError) as caught:
        RegistrationForm.parse(form, asks="email")
    assert list(caught.value.errors) == ["email"]
    assert RegistrationForm.parse({**form, "email_kept": "Ann@gmail.con"}, asks="email").email == "ann@gmail.con"
    assert RegistrationForm.parse({**form, "email_meant": "ann@gmail.com"}, asks="email").email == "ann@gmail.com"


@given(st.sampled_from(typos.KNOWN))
def test_a_known_domain_is_never_a_typo(domain):
    assert typos.suggest(f"a@{domain}") is None
