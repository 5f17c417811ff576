"""Contacts: addresses and numbers in the one spelling by which a person is recognized."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, EmailSyntaxError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from shared.i18n import thin

REGION = "TJ"
LONGEST = 320
"""Characters of typed text that are read at all: normalizing costs the square of a run of combining marks."""
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""
_PLAIN = re.compile(r"[\d\s()./\u2010-\u2015-]+")
_ABROAD = re.compile(r"00(?=[1-9]\d{9,}\Z)")
"""Only before a whole international number: nine digits of a local number may begin with 00 themselves."""
_NEIGHBOURS = re.compile(r"[78](?=[79]\d{9}\Z)")
"""Eleven digits after the 8 that people dial in Russia and Kazakhstan, or after their 7; a local number has nine."""


# A form's address is asked for three times: as it is read, as its limit is counted, and as its key.
@lru_cache(maxsize=32)
def address(email: str) -> str:
    """Return the one spelling under which an address is stored and compared, for visitors and members alike.

    Case and the domain's spelling (IDNA) do not count; dots and plus signs do, since only some providers ignore them.
    Raises email_validator.EmailNotValidError, also for letters before the @ that not every mail server accepts.
    """
    # The library checks the length last, and its earlier checks may cost the square of it.
    if len(email) > LONGEST_ADDRESS:
        raise EmailSyntaxError("The address is too long.")
    parsed = validate_email(email, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    return f"{parsed.local_part.lower()}@{parsed.ascii_domain}"


def read_number(typed: str) -> PhoneNumber:
    """Read a number as people in Tajikistan write it: 93 123 45 67, +992..., 00992..., and 8 916... of Russia.

    Raises phonenumbers.NumberParseException.
    """
    digits = phonenumbers.normalize_digits_only(typed) if _PLAIN.fullmatch(typed) else ""
    for prefix, code in ((_ABROAD, "+"), (_NEIGHBOURS, "+7")):
        if prefix.match(digits):
            return phonenumbers.parse(prefix.sub(code, digits, count=1))
    return phonenumbers.parse(typed, REGION)


def contact_key(email: str | None, phone: str | None) -> str:
    """Return the key that has at most one live registration per event: the address, else the number (E.164).

    Raises email_validator.EmailNotValidError, ValueError when there is neither.
    """
    if email:
        return address(email)
    if phone:
        return phone
    raise ValueError("neither address nor phone")


def contact_key_of(typed: str) -> str:
    """Return the one text under which a typed contact is counted, in whatever spelling; never raises.

    An address as address() returns it, a number as E.164, also from full-width letters and digits; anything else as its
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
        return phonenumbers.format_number(read_number(text), PhoneNumberFormat.E164)
    except NumberParseException:
        return None
