"""The first organization: the address to create it at and the code required, until an account exists apart from the
demo's.
"""

from shared import links, tokens
from shared.accounts import accounts
from shared.command.processes import CannotStart
from shared.command.transaction import transaction
from shared.config import Settings


def code(settings: Settings) -> str:
    """Return the code to print, in two groups; empty once an account exists."""
    with transaction(settings) as db:
        if accounts.is_there_any(db):
            return ""
    letters = tokens.first_code(settings.secrets[0])
    return f"{letters[:5]}-{letters[5:]}"


def address(settings: Settings) -> str:
    """Return the address of the form that requires the code."""
    return links.absolute(settings.base_url, links.first_account())


def sentence(settings: Settings) -> str:
    """Return the sentence that a server prints at its start; empty with an account, or without a database yet."""
    try:
        printed = code(settings)
    except CannotStart:
        return ""
    return f"Create your own organization at {address(settings)}, with the code {printed}" if printed else ""
