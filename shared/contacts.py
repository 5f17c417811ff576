"""What makes two addresses, or two numbers, the same person's."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, EmailSyntaxError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat

from shared.i18n import thin

REGION = "TJ"
LONGEST = 320
"""Characters of what was typed that are read at all: normalizing costs the square of a run of combining marks."""
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""


def address(email: str) -> str:
    """The one spelling under which an address is kept and known again, for visitors and members alike.

    Case and the domain's spelling (IDNA) do not count; a provider's tricks with dots and plus signs do, since not every
    provider plays them. Raises email_validator.EmailNotValidError, also for letters before the @ that not every mail
    server takes.
    """
    # The library looks at the length last, and what it does before may cost the square of it.
    if len(email) > LONGEST_ADDRESS:
        raise EmailSyntaxError("The address is too long.")
    found = validate_email(email, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    return f"{found.local_part.lower()}@{found.ascii_domain}"


def contact_key(email: str | None, phone: str | None) -> str:
    """The key by which one live registration per event and contact is held: the address, else the number (E.164).

    Raises email_validator.EmailNotValidError, ValueError when there is neither.
    """
    if email:
        return address(email)
    if phone:
        return phone
    raise ValueError("neither address nor phone")


def contact_key_of(typed: str) -> str:
    """The one text under which what somebody typed as a contact is counted, whatever its spelling; it never raises.

    An address as address() has it, a number as E.164, also from full-width letters and digits; anything else is its
    first 320 characters in NFKC and casefolded.
    """
    text = unicodedata.normalize("NFKC", thin(typed[:LONGEST])).strip()
    if "@" not in text:
        return _number(text) or text.casefold()
    try:
        return address(text)
    except EmailNotValidError:
        return text.casefold()


def _number(text: str) -> str | None:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, REGION), PhoneNumberFormat.E164)
    except NumberParseException:
        return None
