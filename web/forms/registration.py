"""The form of an event: who comes, how to reach them, whom they bring."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Self

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from shared.i18n import deferred, gettext, normalize
from web.forms import FormError

REGION = "TJ"
NAME_LIMIT, EMAIL_LIMIT, PHONE_LIMIT = 120, 254, 40
COMPANION_FIELDS = tuple(f"companion.{number}.name" for number in range(1, 5))
CONSENT = "2026-11"
"""The version of the sentence about personal data that stands under the form; raise it when the sentence changes."""

TRAP = "leave_empty"
"""A field that people do not see. Autofill goes by names such as `url` or `company`, so it has none of those."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "phone": ("phone",),
    "both": ("email", "phone"),
    "either": (),
}
"""Which contacts an event insists on, by what it asks for."""

SENTENCES = {
    "name_missing": deferred("Please write your name."),
    "name_long": deferred("This name is too long: at most 120 characters fit on a ticket."),
    "name_sign": deferred("One of these signs cannot be printed on a ticket. Please leave it out."),
    "email_missing": deferred("Please write your email address."),
    "email": deferred("This does not look like an email address. It should look like name@example.org."),
    "phone_missing": deferred("Please write your phone number."),
    "phone": deferred("This does not look like a phone number. It should look like 93 123 45 67 or +992 93 123 45 67."),
    "contact_missing": deferred("Please write an email address or a phone number: one is enough."),
    "ticket_type": deferred("Please choose one of these."),
}

_ONCE = re.compile(r"[A-Za-z0-9_-]{22}")
_BIGINT = 2**63


def _refuse(reason: str) -> PydanticCustomError:
    return PydanticCustomError("typed", "{reason}", {"reason": reason})


def _name(text: str) -> str:
    name = normalize(text)
    if not any(letter.isalnum() for letter in name):
        raise _refuse("name_missing")
    if len(name) > NAME_LIMIT:
        raise _refuse("name_long")
    # PostgreSQL knows other letters than this Python does; one that only it knows would not be in NFC to it.
    if any(unicodedata.category(letter) in {"Cn", "Co"} for letter in name):
        raise _refuse("name_sign")
    return name


def _email(text: str) -> str:
    address = text.strip()
    if len(address) > EMAIL_LIMIT:
        raise _refuse("email")
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        raise _refuse("email") from None
    return f"{found.local_part.lower()}@{found.ascii_domain}"


def _phone(text: str) -> str:
    if len(text) > PHONE_LIMIT:
        raise _refuse("phone")
    try:
        number = phonenumbers.parse(text, REGION)
    except NumberParseException:
        raise _refuse("phone") from None
    # Only the length is checked: operators get new prefixes faster than this library learns of them.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise _refuse("phone")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _ticket_type(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _BIGINT):
        raise _refuse("ticket_type")
    return int(text)


def _or_none(text: str) -> str | None:
    return text if normalize(text) else None


def _only_if(accept: Callable[[str], object]) -> BeforeValidator:
    """A hidden field: what we did not write ourselves counts as missing, nobody could mend it."""
    return BeforeValidator(lambda text: text if accept(text) else None)


Name = Annotated[str, AfterValidator(_name)]
_Optional = BeforeValidator(_or_none)
_Email = Annotated[str, AfterValidator(_email)]
_Phone = Annotated[str, AfterValidator(_phone)]
_TicketType = Annotated[int, BeforeValidator(_ticket_type)]


class RegistrationForm(BaseModel):
    """What a valid form says. `trapped`: the field that people do not see was filled in, so nothing may be written."""

    model_config = ConfigDict(frozen=True)

    name: Name
    email: Annotated[_Email | None, _Optional] = None
    phone: Annotated[_Phone | None, _Optional] = None
    ticket_type: Annotated[_TicketType | None, _Optional] = None
    companions: tuple[Name, ...] = Field(default=(), max_length=len(COMPANION_FIELDS))
    once: Annotated[str | None, _only_if(_ONCE.fullmatch)] = None
    consent: Annotated[str | None, _only_if(CONSENT.__eq__)] = None
    trapped: bool = False

    @classmethod
    def parse(cls, form: Mapping[str, str], *, asks: str) -> Self:
        """Read a sent form; unknown fields are ignored, and so is a contact that the event does not ask for.

        `asks` is the event's (either, email, phone, both). Raises FormError with a sentence at each wrong field.
        """
        typed = {field: form.get(field, "") for field in _fields(asks)}
        brought = {field: text for field, text in _companions(form) if normalize(text)}
        given = {**typed, "companions": tuple(brought.values()), "trapped": bool(form.get(TRAP))}
        reasons = _missing(typed, asks)
        try:
            valid = cls.model_validate(given)
        except ValidationError as error:
            reasons |= _reasons(error, tuple(brought))
        if reasons:
            raise FormError(_sentences(reasons), {**typed, **dict(_companions(form))})
        return valid


def _fields(asks: str) -> tuple[str, ...]:
    return ("name", *(NEEDED[asks] or ("email", "phone")), "ticket_type", "once", "consent")


def _companions(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((field, form.get(field, "")) for field in COMPANION_FIELDS)


def _missing(typed: Mapping[str, str], asks: str) -> dict[str, str]:
    if not NEEDED[asks] and not any(normalize(typed[field]) for field in ("email", "phone")):
        return {"email": "contact_missing"}
    return {field: f"{field}_missing" for field in NEEDED[asks] if not normalize(typed[field])}


def _reasons(error: ValidationError, brought: tuple[str, ...]) -> dict[str, str]:
    """The first reason at each field, named as the page names it."""
    reasons: dict[str, str] = {}
    for fault in error.errors():
        field, *place = fault["loc"]
        named = brought[int(place[0])] if field == "companions" else str(field)
        reasons.setdefault(named, fault["ctx"]["reason"])
    return reasons


def _sentences(reasons: Mapping[str, str]) -> dict[str, str]:
    """In the order of the page, so that the first error is the first that is met."""
    order = ("name", "email", "phone", "ticket_type")
    fields = sorted(reasons, key=lambda field: (field not in order, order.index(field) if field in order else 0, field))
    return {field: gettext(SENTENCES[reasons[field]]) for field in fields}
