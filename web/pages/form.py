"""The registration form on an event's page: its fields, the submitted values, and the available actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.errors import DomainError, Invalid
from shared.events.availability import Availability, OpenState, opening
from shared.i18n import Text, gettext, language, text_in
from shared.models import AskedContacts, Event, Question, QuestionKind, TicketType
from shared.registrations.seats import capacity_of
from web.forms import FormError, answers, ready_questions, typos
from web.forms.registration import COMPANION_FIELDS, CONSENT, TRAP, consent_sentence
from web.pages import wording

MOST_GUESTS = 3


@dataclass(frozen=True)
class Typed:
    """The submitted values of a form that was refused, and a sentence for each wrong field, or for the whole form.

    `may_wait`: the registration can still join the waiting list. `group_seats`: seats for part of the group, if there
    are any. `theirs`: what someone else saved meanwhile, at each field that differs.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    may_wait: bool = False
    group_seats: int = 0
    theirs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: DomainError, values: Mapping[str, str], sentences: Mapping[str, str]) -> "Typed":
        """Return these values with a sentence for the reason of a refusal, at its field or above the form; an empty one
        if the page says it elsewhere. Raises an error that has no sentence.
        """
        if isinstance(error, FormError):
            return cls(error.values, error.errors)
        if error.reason not in sentences:
            raise error
        sentence = sentences[error.reason] and gettext(sentences[error.reason])
        return cls(values, {error.field: sentence}) if isinstance(error, Invalid) else cls(values, refusal=sentence)

    @property
    def has_guests(self) -> bool:
        """Return whether a guest is named, so that the list of guests stays open."""
        return any(self.values.get(name) for name in COMPANION_FIELDS)

    @property
    def suggestion(self) -> str | None:
        """Return the address that was probably meant, if only its domain is wrong."""
        return typos.suggest(self.values.get("email", "").strip().lower()) if "email" in self.errors else None


@dataclass(frozen=True, slots=True)
class QuestionField:
    """A question as a form field: its text in the visitor's language, else the event's, and its options by key."""

    field: str
    kind: QuestionKind
    label: Text
    hint: Text | None
    options: list[tuple[str, Text]]
    required: bool
    ticket_type: Text | None
    """The only ticket type that it is for; the browser cannot require it then."""


def asks(event: Event) -> AskedContacts:
    """Return which contacts the form asks for: an address wherever one has to be confirmed."""
    if not event.confirms_by_email:
        return event.asks
    asks_phone = event.asks in {AskedContacts.PHONE, AskedContacts.BOTH}
    return AskedContacts.BOTH if asks_phone else AskedContacts.EMAIL


def context(event: Event, typed: Typed, availability: Availability, now: datetime) -> dict[str, Any]:
    """Return the context of registration/form.html, except the event, its status and its `once`."""
    return {
        "typed": typed,
        "availability": availability,
        "ticket_types": [
            (each, each in availability.ticket_types, _hint(event, each, now)) for each in event.ticket_types
        ],
        "questions": question_fields(event),
        "waits": availability.state == OpenState.WAITING or (typed.may_wait and not typed.group_seats),
        "asks": asks(event),
        "consent": CONSENT,
        "consent_sentence": consent_sentence(wording.said(event.organization.name, event)),
        "trap": TRAP,
        "companion_fields": _guest_fields(event, typed),
    }


def question_fields(event: Event, questions: list[Question] | None = None) -> list[QuestionField]:
    """Return the questions of an event, or these of them, as fields."""
    return [_question_field(event, question) for question in (event.questions if questions is None else questions)]


def _guest_fields(event: Event, typed: Typed) -> list[str]:
    """Return as many fields as guests could ever get seats; a field that was filled in anyway stays, with its error."""
    capacities = [capacity_of(event, ticket_type) or MOST_GUESTS + 1 for ticket_type in event.ticket_types]
    most = min(max(capacities) - 1, MOST_GUESTS)
    return [name for index, name in enumerate(COMPANION_FIELDS) if index < most or typed.values.get(name)]


def _question_field(event: Event, question: Question) -> QuestionField:
    spoken = (language(), *event.languages)
    own = ready_questions.LABELS.get(question.key)
    ticket_types = {ticket_type.id: ticket_type for ticket_type in event.ticket_types}
    ticket_type = ticket_types.get(question.ticket_type_id or 0) if len(ticket_types) > 1 else None
    return QuestionField(
        field=answers.field_of(question),
        kind=question.kind,
        label=text_in(question.label, spoken) or Text(gettext(own) if own else question.key, language()),
        hint=text_in(question.hint, spoken),
        options=[(str(option["key"]), _option(option, spoken)) for option in question.options],
        required=question.required,
        ticket_type=text_in(ticket_type.title, spoken) if ticket_type else None,
    )


def _option(option: Mapping[str, Any], spoken: tuple[str, ...]) -> Text:
    return text_in(option.get("label"), spoken) or Text(str(option["key"]), language())


def _hint(event: Event, ticket_type: TicketType, now: datetime) -> str:
    """Return the hint at a ticket type: how many seats are left, or when it opens."""
    if not ticket_type.is_open(now):
        return wording.opens(event, opening(event, ticket_type, now))
    seats_left = event.seats_left([ticket_type])
    return "" if seats_left is None or event.confirms_by_email else wording.seats(seats_left)
