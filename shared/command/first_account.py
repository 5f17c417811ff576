"""One's own organization: where it is made and the code that is asked for, while nobody has an account but the demo."""

from sqlalchemy.exc import SQLAlchemyError

from shared import links, tokens
from shared.command.transaction import transaction
from shared.config import Settings
from shared.queries import accounts


def code(settings: Settings) -> str:
    """The code to print, in two groups; empty once somebody has an account."""
    with transaction(settings) as db:
        if accounts.is_there_any(db):
            return ""
    drawn = tokens.first_code(settings.secrets[0])
    return f"{drawn[:5]}-{drawn[5:]}"


def address(settings: Settings) -> str:
    """Where the code is asked for."""
    return links.absolute(settings.base_url, links.first_account())


def sentence(settings: Settings) -> str:
    """What a server says at its start; empty where there is nothing to say, or no database to ask yet."""
    try:
        printed = code(settings)
    except SQLAlchemyError:
        return ""
    return f"Make your own organization at {address(settings)}, with the code {printed}" if printed else ""
