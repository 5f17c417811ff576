"""The sign-up form of an event as its page shows it: what is asked, what was typed, and what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.errors import DomainError, Invalid
from shared.i18n import Text, gettext, language, text_in
from shared.models import Event, Question, TicketType
from shared.operations.seats import capacity_of
from shared.queries.availability import Availability, opening
from web.forms import FormError, answers, ready_questions, typos
from web.forms.registration import COMPANION_FIELDS, CONSENT, TRAP, consent_sentence
from web.pages import wording

MOST_COMPANIONS = 3


@dataclass(frozen=True)
class Typed:
    """What was typed into a form that could not be used, a sentence for each wrong field, or why it was refused.

    `may_wait`: what was refused can still wait in line. `fits`: how many of the group there are seats for, where there
    are some. `theirs`: what somebody else saved meanwhile, at each field that differs.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    may_wait: bool = False
    fits: int = 0
    theirs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: DomainError, values: Mapping[str, str], sentences: Mapping[str, str]) -> "Typed":
        """These values with a sentence for the reason of a refusal, at its field or above the form; an empty one where
        the page says it otherwise. Raises what has no sentence.
        """
        if isinstance(error, FormError):
            return cls(error.values, error.errors)
        if error.reason not in sentences:
            raise error
        sentence = sentences[error.reason] and gettext(sentences[error.reason])
        return cls(values, {error.field: sentence}) if isinstance(error, Invalid) else cls(values, refusal=sentence)

    @property
    def brings_somebody(self) -> bool:
        """Whether a guest was named, so that the list of guests stays open."""
        return any(self.values.get(name) for name in COMPANION_FIELDS)

    @property
    def meant(self) -> str | None:
        """The address that was probably meant, where that is all that is wrong with it."""
        return typos.meant(self.values.get("email", "").strip().lower()) if "email" in self.errors else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as its field: its words in the visitor's language, else the event's, and its options by key."""

    field: str
    kind: str
    label: Text
    hint: Text | None
    options: list[tuple[str, Text]]
    required: bool
    of_type: Text | None
    """The ticket type that it is only for; the browser cannot require it then."""


def asks(event: Event) -> str:
    """Which contacts the form asks for (either, email, phone, both): an address wherever one is needed to confirm."""
    if not event.needs_mail:
        return event.asks
    return "both" if event.asks in {"phone", "both"} else "email"


def context(event: Event, typed: Typed, availability: Availability, now: datetime) -> dict[str, Any]:
    """What registration/form.html needs beside the event, its status and its `once`."""
    return {
        "typed": typed,
        "availability": availability,
        "kinds": [(kind, kind in availability.ticket_types, _said_of(event, kind, now)) for kind in event.ticket_types],
        "questions": asked(event),
        "waits": availability.state == "waiting" or (typed.may_wait and not typed.fits),
        "asks": asks(event),
        "consent": CONSENT,
        "consent_sentence": consent_sentence(wording.said(event.organization.name, event)),
        "trap": TRAP,
        "companion_fields": _companion_fields(event, typed),
    }


def asked(event: Event, questions: list[Question] | None = None) -> list[Asked]:
    """The questions of an event, or these of them, as fields."""
    return [_asked(event, one) for one in (event.questions if questions is None else questions)]


def _companion_fields(event: Event, typed: Typed) -> list[str]:
    """As many as could ever come along; one that was filled in all the same stays, with what is wrong there."""
    rooms = [capacity_of(event, kind) or MOST_COMPANIONS + 1 for kind in event.ticket_types]
    most = min(max(rooms) - 1, MOST_COMPANIONS)
    return [name for place, name in enumerate(COMPANION_FIELDS) if place < most or typed.values.get(name)]


def _asked(event: Event, question: Question) -> Asked:
    spoken = (language(), *event.languages)
    own = ready_questions.LABELS.get(question.key)
    kinds = {kind.id: kind for kind in event.ticket_types}
    kind = kinds.get(question.ticket_type_id or 0) if len(kinds) > 1 else None
    return Asked(
        field=answers.field_of(question),
        kind=question.kind,
        label=text_in(question.label, spoken) or Text(gettext(own) if own else question.key, language()),
        hint=text_in(question.hint, spoken),
        options=[(str(one["key"]), _option(one, spoken)) for one in question.options],
        required=question.required,
        of_type=text_in(kind.title, spoken) if kind else None,
    )


def _option(option: Mapping[str, Any], spoken: tuple[str, ...]) -> Text:
    return text_in(option.get("label"), spoken) or Text(str(option["key"]), language())


def _said_of(event: Event, kind: TicketType, now: datetime) -> str:
    """What stands beside a kind of ticket: how many seats are left of it, or when it opens."""
    if not kind.is_open(now):
        return wording.opens(event, opening(event, kind, now))
    left = event.seats_left([kind])
    return "" if left is None or event.needs_mail else wording.seats(left)
