"""The registration form of an event: name, contact, answers and guests."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

import phonenumbers
from email_validator import EmailNotValidError
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shared.contacts import address, read_number
from shared.i18n import UnfitText, deferred, gettext, has_unknown, is_blank, read_line
from shared.models import AskedContacts, Question
from web.forms import FormError, answers, typos
from web.forms.adverts import is_advert

NAME_LIMIT, EMAIL_LIMIT, PHONE_LIMIT = 120, 254, 40
COMPANION_FIELDS = tuple(f"companion.{number}.name" for number in range(1, 5))
CONSENT = "2026-11"
"""The version of the sentence on personal data under the form; raise it when the sentence changes."""

TRAP = "leave_empty"
"""A field that people do not see. Autofill goes by names such as `url` or `company`, so it has none of those."""

CONSENT_SENTENCE = deferred("registration.consent")

REQUIRED_CONTACTS: Mapping[AskedContacts, tuple[str, ...]] = {
    AskedContacts.EMAIL: ("email",),
    AskedContacts.PHONE: ("phone",),
    AskedContacts.BOTH: ("email", "phone"),
    AskedContacts.EITHER: (),
}
"""The contacts that an event requires, by what it asks for."""

SENTENCES = {
    "name_missing": deferred("registration.name_missing_error"),
    "name_long": deferred("registration.name_long_error"),
    "name_sign": deferred("registration.name_sign_error"),
    "name_advert": deferred("registration.name_advert_error"),
    "email_missing": deferred("registration.email_missing_error"),
    "email": deferred("registration.email_error"),
    "email_letters": deferred("registration.email_letters_error"),
    "phone_missing": deferred("registration.phone_missing_error"),
    "phone": deferred("registration.phone_error"),
    "contact_missing": deferred("registration.contact_missing_error"),
    "ticket_type": deferred("common.choose_one_error"),
    "email_slip": deferred("registration.email_slip_error"),
    **answers.SENTENCES,
}

_ONCE = re.compile(r"([A-Za-z0-9_-]{22})(\.[0-9]{1,11}\.[A-Za-z0-9_-]{22})?")
_BIGINT = 2**63


def _refuse(reason: str) -> PydanticCustomError:
    return PydanticCustomError("typed", "{reason}", {"reason": reason})


def _name(text: str) -> str:
    try:
        name = read_line(text, NAME_LIMIT)
    except UnfitText as unfit:
        raise _refuse(f"name_{unfit.reason}") from None
    if not any(letter.isalnum() for letter in name):
        raise _refuse("name_missing")
    if has_unknown(name):
        raise _refuse("name_sign")
    return name


def _email(text: str) -> str:
    written = text.strip()
    if len(written) > EMAIL_LIMIT:
        raise _refuse("email")
    try:
        return address(written)
    except EmailNotValidError:
        raise _refuse("email" if written.rpartition("@")[0].isascii() else "email_letters") from None


def _phone(text: str) -> str:
    if len(text) > PHONE_LIMIT:
        raise _refuse("phone")
    try:
        number = read_number(text)
    except NumberParseException:
        raise _refuse("phone") from None
    # Only the length is checked: operators get new prefixes faster than this library lists them.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise _refuse("phone")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _ticket_type(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _BIGINT):
        raise _refuse("ticket_type")
    return int(text)


def _or_none(text: str) -> str | None:
    return None if is_blank(text) else text


def _once(text: str) -> str | None:
    """Return the 128 random bits; a value that we did not write counts as missing, since no one could correct a hidden
    field.
    """
    ours = _ONCE.fullmatch(text)
    return ours[1] if ours else None


def _consent(text: str) -> str | None:
    return text if text == CONSENT else None


Name = Annotated[str, AfterValidator(_name)]
_Optional = BeforeValidator(_or_none)
_Email = Annotated[str, AfterValidator(_email)]
_Phone = Annotated[str, AfterValidator(_phone)]
_TicketType = Annotated[int, BeforeValidator(_ticket_type)]


class RegistrationForm(BaseModel):
    """A valid form. `trapped`: the field that people do not see was filled in, so nothing may be written."""

    model_config = ConfigDict(frozen=True)

    name: Name
    email: Annotated[_Email | None, _Optional] = None
    phone: Annotated[_Phone | None, _Optional] = None
    ticket_type: Annotated[_TicketType | None, _Optional] = None
    companions: tuple[Name, ...] = Field(default=(), max_length=len(COMPANION_FIELDS))
    once: Annotated[str | None, BeforeValidator(_once)] = None
    consent: Annotated[str | None, BeforeValidator(_consent)] = None
    answers: Mapping[str, Any] = Field(default_factory=dict)
    wait: bool = False
    trapped: bool = False

    @classmethod
    def parse(
        cls,
        form: Mapping[str, str],
        *,
        asks: AskedContacts,
        questions: Sequence[Question] = (),
        ticket_types: Sequence[int] = (),
    ) -> Self:
        """Read a sent form; fields that are unknown, or that the event or ticket type does not ask for, are ignored.

        `asks` is the event's (either, email, phone, both), `ticket_types` the ids of its types. Raises FormError with a
        sentence at each wrong field; an email domain that looks like a typo is wrong until it is sent a second time.
        """
        typed = {field: form.get(field, "") for field in _fields(asks)}
        typed["email"] = form.get("email_meant") or typed.get("email", "")
        guests = {field: text for field, text in _companions(form) if not is_blank(text)}
        applicable = answers.questions_for(questions, _chosen(typed["ticket_type"], ticket_types))
        answered, wrong = answers.parse(applicable, form)
        values = {
            **{field: text for field, text in typed.items() if field in _fields(asks)},
            "companions": tuple(guests.values()),
            "answers": answered,
            "wait": form.get("wait") == "1",
            "trapped": bool(form.get(TRAP)),
        }
        reasons = _missing(typed, asks)
        try:
            valid = cls.model_validate(values)
        except ValidationError as error:
            reasons |= _reasons(error, tuple(guests))
        else:
            names = zip(("name", *guests), (valid.name, *valid.companions), strict=True)
            reasons |= {field: "name_advert" for field, name in names if is_advert(name)}
        reasons |= wrong
        if not reasons and _is_slip(valid.email, form.get("email_kept", "")):
            reasons = {"email": "email_slip"}
        if reasons:
            raise FormError(_sentences(reasons, questions), all_typed(form, questions) | typed)
        return valid


def consent_sentence(organizer: str) -> str:
    """Return the sentence under the form, in the current language: the exact words that are agreed to."""
    return gettext(CONSENT_SENTENCE, organizer=organizer)


def parse_change(form: Mapping[str, str], questions: Sequence[Question], *, current: str) -> tuple[str, dict[str, Any]]:
    """Return a corrected name, and the answers to these questions; a name that is still `current`, as an organizer
    wrote it, is not checked for adverts. Raises FormError.
    """
    answered, reasons = answers.parse(questions, form)
    try:
        name = _CHANGED.validate_python(form.get("name", ""))
        if name != current and is_advert(name):
            reasons["name"] = "name_advert"
    except ValidationError as error:
        reasons["name"] = error.errors()[0]["ctx"]["reason"]
    if reasons:
        raise FormError(_sentences(reasons, questions), all_typed(form, questions))
    return name, answered


def all_typed(form: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """Return the submitted values, so that the form can repeat them."""
    fields = ("name", "email", "phone", "ticket_type", *COMPANION_FIELDS, *map(answers.field_of, questions))
    return {field: answers.submitted(form, field) for field in fields}


_CHANGED: TypeAdapter[str] = TypeAdapter(Name)


def _fields(asks: AskedContacts) -> tuple[str, ...]:
    return ("name", *(REQUIRED_CONTACTS[asks] or ("email", "phone")), "ticket_type", "once", "consent")


def _companions(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the fields and names of guests; none if the button was pressed that registers the sender alone."""
    fields = () if form.get("alone") else COMPANION_FIELDS
    return ((field, form.get(field, "")) for field in fields)


def _chosen(typed: str, ticket_types: Sequence[int]) -> int | None:
    """Return the ticket type whose questions are asked: the chosen one, or the only one."""
    if len(ticket_types) == 1:
        return ticket_types[0]
    return next((number for number in ticket_types if str(number) == typed), None)


def _is_slip(email: str | None, current: str) -> bool:
    return bool(email and typos.suggest(email) and current.strip().lower() != email.lower())


def _missing(typed: Mapping[str, str], asks: AskedContacts) -> dict[str, str]:
    if not REQUIRED_CONTACTS[asks] and all(is_blank(typed[field]) for field in ("email", "phone")):
        return {"email": "contact_missing"}
    return {field: f"{field}_missing" for field in REQUIRED_CONTACTS[asks] if is_blank(typed[field])}


def _reasons(error: ValidationError, guests: tuple[str, ...]) -> dict[str, str]:
    """Return the first reason at each field, by the name of the field on the page."""
    reasons: dict[str, str] = {}
    for fault in error.errors():
        field, *position = fault["loc"]
        name = guests[int(position[0])] if field == "companions" else str(field)
        reasons.setdefault(name, fault["ctx"]["reason"])
    return reasons


def _sentences(reasons: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """Return the sentences in the order of the page, so that the first error is the first one there."""
    page = ("name", "email", "phone", "ticket_type", *map(answers.field_of, questions), *COMPANION_FIELDS)
    return {field: gettext(SENTENCES[reasons[field]]) for field in page if field in reasons}
