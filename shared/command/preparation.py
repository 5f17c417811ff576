"""The step of `turnout up` between the database and the rest, in a process whose memory is released afterwards.

    python -m shared.command.preparation

migrates the tables to this version, loads the demo organization where TURNOUT_DEMO is set, and prints the tour as one
line of JSON.
"""

from dataclasses import replace

from shared import links
from shared.command import demo, first_account
from shared.command.migrate import upgrade
from shared.command.tour import Tour
from shared.config import Settings, read_settings


def prepare(settings: Settings) -> Tour:
    """Prepare the database and return the tour."""
    upgrade(settings)
    if settings.turnout_demo:
        demo.load(settings)
    tour = demo.tour(settings) if settings.turnout_demo else _without_demo(settings)
    if code := first_account.code(settings):
        return replace(tour, own=first_account.address(settings), code=code)
    return replace(tour, sign_in=links.absolute(settings.base_url, links.sign_in()))


def _without_demo(settings: Settings) -> Tour:
    is_there = settings.is_local and settings.turnout_mailbox is not None
    return Tour(mailbox=links.absolute(settings.base_url, links.mailbox())) if is_there else Tour()


if __name__ == "__main__":
    print(prepare(read_settings()).to_json())
