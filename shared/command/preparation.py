"""What `turnout up` does between the database and the rest, in a process whose memory is given back.

    python -m shared.command.preparation

brings the tables to this version, loads the demo organization where TURNOUT_DEMO asks for it, and prints the tour as
one line of JSON.
"""

from dataclasses import replace

from shared import links
from shared.command import demo, first
from shared.command.migrate import upgrade
from shared.command.tour import Tour
from shared.config import Settings, read_settings


def prepare(settings: Settings) -> Tour:
    """Make the database ready and say what there is to see."""
    upgrade(settings)
    if settings.turnout_demo:
        demo.load(settings)
    tour = demo.tour(settings) if settings.turnout_demo else Tour()
    if code := first.code(settings):
        return replace(tour, own=first.address(settings), code=code)
    return replace(tour, sign_in=links.absolute(settings.base_url, links.sign_in()))


if __name__ == "__main__":
    print(prepare(read_settings()).to_json())
