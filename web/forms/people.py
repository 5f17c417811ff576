"""What organizers type about people: one person, a search with filters, a choice of people and an act."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext, normalize
from shared.models import Event, Registration
from shared.models.registration import STATES
from shared.operations.organizer_registrations import Person
from shared.queries.people import COMING, WALK_INS, Wanted
from web.forms import FormError, answers
from web.forms.registration import SENTENCES, RegistrationForm

LONGEST_SEARCH = 100
MOST_AT_ONCE = 500
"""People whom one act changes."""
OPTIONAL = {"answer_missing", "answer_guardian"}
"""What only somebody's own form insists on."""
FIELDS = ("name", "email", "phone", "ticket_type", "language")
LANGUAGE_MISSING = deferred("people.language_error")
NAME_MISSING = deferred("people.name_error")


def read_wanted(args: Mapping[str, str], *, contacts: bool) -> Wanted:
    """The search and the filters of the list; whatever is not among the choices filters nothing."""
    return Wanted(
        words=normalize(args.get("q", "")[:LONGEST_SEARCH]),
        state=_one_of(args.get("state", ""), STATES),
        ticket_type=read_id(args.get("ticket_type", "")),
        language=_one_of(args.get("language", ""), LANGUAGES),
        source=normalize(args.get("source", "")[:LONGEST_SEARCH]),
        came=_one_of(args.get("came", ""), COMING),
        walk_ins=_one_of(args.get("walk_ins", ""), WALK_INS),
        contacts=contacts,
    )


def read_id(text: str) -> int | None:
    """The id of a row; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def read_ids(texts: Sequence[str]) -> list[int]:
    """Ids in the order in which they were sent, each once; what is none is ignored."""
    return list(dict.fromkeys(number for text in texts if (number := read_id(text)) is not None))


def read_person(form: Mapping[str, str], event: Event, *, kind: int | None = None) -> Person:
    """Somebody as an organizer typed them. `kind`: the ticket type that they keep. Raises FormError."""
    typed = {field: answers.typed_in(form, field) for field in (*FIELDS, *map(answers.field_of, event.questions))}
    types = [one.id for one in event.ticket_types]
    chosen = kind or (types[0] if len(types) == 1 else read_id(typed["ticket_type"]))
    asked = answers.asked(event.questions, chosen)
    answered, wrong = answers.parse(asked, form)
    errors = faults(typed) | {field: SENTENCES[reason] for field, reason in wrong.items() if reason not in OPTIONAL}
    if chosen not in types:
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
        ticket_type_id=chosen or types[0],
        answers=answered,
    )


def faults(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a name, an address and a number: at each field a sentence to translate."""
    try:
        RegistrationForm.model_validate({field: typed.get(field, "") for field in ("name", "email", "phone")})
    except ValidationError as error:
        reasons = {str(one["loc"][0]): str(one["ctx"]["reason"]) for one in error.errors()}
        return {field: _sentence(reason) for field, reason in reasons.items()}
    return {}


def written(one: Registration, event: Event) -> dict[str, Any]:
    """Somebody as their form sends them."""
    typed = {"name": one.name, "email": one.email or "", "phone": one.phone or "", "language": one.language}
    typed["ticket_type"] = str(one.ticket_type_id)
    return typed | {
        answers.field_of(asked): answers.written(asked, one.answers.get(asked.key)) for asked in event.questions
    }


def _sentence(reason: str) -> str:
    return NAME_MISSING if reason == "name_missing" else SENTENCES[reason]


def _one_of(text: str, words: Mapping[str, str] | Sequence[str]) -> str:
    return text if text in words else ""
