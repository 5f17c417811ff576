"""The forms about attendees: an attendee, a search with filters, a choice of attendees and an action."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext, normalize
from shared.models import Event, Registration, RegistrationState
from shared.registrations.organizer_registrations import Person
from shared.registrations.people import COMING, WALK_INS, Wanted
from web.forms import FormError, answers
from web.forms.registration import SENTENCES, RegistrationForm

LONGEST_SEARCH = 100
MOST_AT_ONCE = 500
"""Attendees that one action changes."""
OPTIONAL = {"answer_missing", "answer_guardian"}
"""Errors that only the attendee's own form reports."""
FIELDS = ("name", "email", "phone", "ticket_type", "language")
LANGUAGE_MISSING = deferred("people.language_error")
NAME_MISSING = deferred("people.name_error")


def read_filters(args: Mapping[str, str], *, contacts: bool) -> Wanted:
    """Return the search and filters of the list; a value that is not among the choices filters nothing."""
    return Wanted(
        words=normalize(args.get("q", "")[:LONGEST_SEARCH]),
        state=RegistrationState(state) if (state := args.get("state", "")) in set(RegistrationState) else None,
        ticket_type=read_id(args.get("ticket_type", "")),
        language=_one_of(args.get("language", ""), LANGUAGES),
        source=normalize(args.get("source", "")[:LONGEST_SEARCH]),
        came=_one_of(args.get("came", ""), COMING),
        walk_ins=_one_of(args.get("walk_ins", ""), WALK_INS),
        contacts=contacts,
    )


def read_id(text: str) -> int | None:
    """Return the id of a row; None if the text is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def read_ids(texts: Sequence[str]) -> list[int]:
    """Return ids in the order in which they were sent, each once; other texts are ignored."""
    return list(dict.fromkeys(number for text in texts if (number := read_id(text)) is not None))


def read_person(form: Mapping[str, str], event: Event, *, ticket_type_id: int | None = None) -> Person:
    """Return an attendee from an organizer's form. `ticket_type_id`: the ticket type if it does not change. Raises
    FormError.
    """
    typed = {field: answers.submitted(form, field) for field in (*FIELDS, *map(answers.field_of, event.questions))}
    ticket_type_ids = [ticket_type.id for ticket_type in event.ticket_types]
    chosen = ticket_type_id or (ticket_type_ids[0] if len(ticket_type_ids) == 1 else read_id(typed["ticket_type"]))
    questions = answers.questions_for(event.questions, chosen)
    answered, wrong = answers.parse(questions, form)
    errors = faults(typed) | {field: SENTENCES[reason] for field, reason in wrong.items() if reason not in OPTIONAL}
    if chosen not in ticket_type_ids:
        errors["ticket_type"] = SENTENCES["ticket_type"]
    if typed["language"] not in LANGUAGES:
        errors["language"] = LANGUAGE_MISSING
    if errors:
        raise FormError({field: gettext(errors[field]) for field in typed if field in errors}, typed)
    valid = RegistrationForm.model_validate({field: typed[field] for field in ("name", "email", "phone")})
    return Person(
        name=valid.name,
        email=valid.email,
        phone=valid.phone,
        language=typed["language"],
        ticket_type_id=chosen or ticket_type_ids[0],
        answers=answered,
    )


def faults(typed: Mapping[str, str]) -> dict[str, str]:
    """Return a message id for each of name, address and phone number that is not valid."""
    try:
        RegistrationForm.model_validate({field: typed.get(field, "") for field in ("name", "email", "phone")})
    except ValidationError as error:
        reasons = {str(fault["loc"][0]): str(fault["ctx"]["reason"]) for fault in error.errors()}
        return {field: _sentence(reason) for field, reason in reasons.items()}
    return {}


def written(registration: Registration, event: Event) -> dict[str, Any]:
    """Return an attendee as values of the form's fields."""
    typed = {field: getattr(registration, field) or "" for field in ("name", "email", "phone", "language")}
    typed["ticket_type"] = str(registration.ticket_type_id)
    return typed | {
        answers.field_of(question): answers.written(question, registration.answers.get(question.key))
        for question in event.questions
    }


def _sentence(reason: str) -> str:
    return NAME_MISSING if reason == "name_missing" else SENTENCES[reason]


def _one_of(text: str, words: Mapping[str, str] | Sequence[str]) -> str:
    return text if text in words else ""
