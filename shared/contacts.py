"""What makes two addresses, or two numbers, the same person's."""

import unicodedata

from email_validator import validate_email


def contact_key(email: str | None, phone: str | None) -> str:
    """The key by which one live registration per event and contact is held: the address, else the number (E.164).

    Case, Unicode form and the domain's spelling (IDNA) do not count; a provider's tricks with dots and plus signs do,
    since not every provider plays them. Raises email_validator.EmailNotValidError, ValueError when there is neither.
    """
    if email:
        address = validate_email(email, check_deliverability=False, test_environment=True)
        return f"{unicodedata.normalize('NFC', address.local_part).casefold()}@{address.ascii_domain}"
    if phone:
        return phone
    raise ValueError("neither address nor phone")
