"""What makes two addresses, or two numbers, the same person's."""

from email_validator import EmailSyntaxError, validate_email

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
