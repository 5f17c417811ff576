"""Answers to an event's own questions: a field for each, `answer.<key>`, read into values stored as JSON.

Text stays text: whatever it looks like, pages, emails and files show it letter by letter.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from shared.i18n import UnfitText, deferred, is_blank, read_line, read_lines
from shared.models import Question, QuestionKind

LIMITS = {QuestionKind.SHORT: 200, QuestionKind.LONG: 2000}
LARGEST = 1_000_000_000
UNDER_AGE = "under_16"
"""The option of the ready question `age_group` that requires a guardian."""

SENTENCES = {
    "answer_missing": deferred("registration.answer_missing_error"),
    "answer_short": deferred("registration.answer_short_error"),
    "answer_long": deferred("registration.answer_long_error"),
    "answer_sign": deferred("common.sign_unknown_error"),
    "answer_choice": deferred("common.choose_one_error"),
    "answer_number": deferred("registration.answer_number_error"),
    "answer_date": deferred("registration.answer_date_error"),
    "answer_latin": deferred("registration.answer_latin_error"),
    "answer_guardian": deferred("registration.answer_guardian_error"),
}

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,9})?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_LATIN = re.compile(r"[A-Za-z][A-Za-z '.-]*")


class AnswerError(ValueError):
    """An answer is not valid; its text is the key of the sentence that says why."""


def field_of(question: Question) -> str:
    """Return the name of a question's field."""
    return f"answer.{question.key}"


def submitted(form: Mapping[str, str], field: str) -> str:
    """Return the value of a field; several values, as checkboxes send them, on a line each."""
    getlist: Callable[[str], list[str]] | None = getattr(form, "getlist", None)
    return "\n".join(getlist(field)) if getlist else form.get(field, "")


def questions_for(questions: Iterable[Question], ticket_type_id: int | None) -> list[Question]:
    """Return the questions for everyone, and those for this ticket type."""
    return [question for question in questions if question.ticket_type_id in (None, ticket_type_id)]


def parse(questions: Iterable[Question], form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers by key, and the key of a sentence for each field that is not valid; other fields
    are ignored.
    """
    answers: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    listed = list(questions)
    for question in listed:
        try:
            answer = _read(question, submitted(form, field_of(question)))
        except AnswerError as error:
            reasons[field_of(question)] = str(error)
            continue
        if answer is not None:
            answers[question.key] = answer
    return answers, reasons | _missing(listed, answers, reasons)


def written(question: Question, answer: Any) -> str:
    """Return an answer as its field sends it, so that it can be shown and edited."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "\n".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _missing(questions: list[Question], answers: Mapping[str, Any], reasons: Mapping[str, str]) -> dict[str, str]:
    """Return the required answers that are missing; a guardian only of an attendee under age, if the form asks for the
    age.
    """
    missing = {}
    for question in questions:
        field = field_of(question)
        if question.key in answers or field in reasons:
            continue
        if question.key == "guardian" and any(other.key == "age_group" for other in questions):
            if answers.get("age_group") == UNDER_AGE:
                missing[field] = "answer_guardian"
        elif question.required:
            missing[field] = "answer_missing"
    return missing


def _read(question: Question, typed: str) -> Any:
    if is_blank(typed):
        return None
    return _READERS[question.kind](question, typed)


def _short(question: Question, typed: str) -> str:
    text = _text(typed, QuestionKind.SHORT, read_line)
    if question.key == "name_in_latin" and not _LATIN.fullmatch(text):
        raise AnswerError("answer_latin")
    return text


def _long(question: Question, typed: str) -> str:
    return _text(typed, QuestionKind.LONG, read_lines)


def _text(typed: str, kind: QuestionKind, read: Callable[[str, int], str]) -> str:
    try:
        return read(typed, LIMITS[kind])
    except UnfitText as unfit:
        raise AnswerError(f"answer_{kind}" if unfit.reason == "long" else "answer_sign") from None


def _one(question: Question, typed: str) -> str:
    if typed not in _keys(question):
        raise AnswerError("answer_choice")
    return typed


def _several(question: Question, typed: str) -> list[str]:
    ticked = set(typed.split("\n")) - {""}
    if not ticked <= set(_keys(question)):
        raise AnswerError("answer_choice")
    return [key for key in _keys(question) if key in ticked]


def _yes_no(question: Question, typed: str) -> bool:
    if typed not in {"yes", "no"}:
        raise AnswerError("answer_choice")
    return typed == "yes"


def _number(question: Question, typed: str) -> float:
    text = "".join(typed.split())
    if not _NUMBER.fullmatch(text):
        raise AnswerError("answer_number")
    number = float(text.replace(",", "."))
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise AnswerError("answer_number")
    return int(number) if number.is_integer() else number


def _date(question: Question, typed: str) -> str:
    text = typed.strip()
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    parts = iso.groups() if iso else dotted.groups()[::-1] if dotted else ()
    try:
        return date(*map(int, parts)).isoformat()
    except (TypeError, ValueError):
        raise AnswerError("answer_date") from None


def _keys(question: Question) -> list[str]:
    return [str(option["key"]) for option in question.options]


_READERS: Mapping[QuestionKind, Callable[[Question, str], Any]] = {
    QuestionKind.SHORT: _short,
    QuestionKind.LONG: _long,
    QuestionKind.ONE: _one,
    QuestionKind.SEVERAL: _several,
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _date,
}
