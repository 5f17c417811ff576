"""The tour that `turnout up` prints once everything answers: a first visit in steps, each an address or a command."""

import json
from dataclasses import asdict, dataclass

import click


@dataclass(frozen=True)
class Tour:
    """Addresses for a first look, absolute; empty where there is none.

    `live` is the live page of an event that is on, `own` the form for a first organization with its `code`, while only
    the demo has accounts.
    """

    event: str = ""
    mailbox: str = ""
    sign_in: str = ""
    email: str = ""
    password: str = ""
    door: str = ""
    live: str = ""
    report: str = ""
    own: str = ""
    code: str = ""
    fills: bool = False
    """True if the demo's sample evenings are still to be filled."""

    def to_json(self) -> str:
        """Return the tour as one line, for the process that prints it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Tour":
        """Return the same tour again."""
        return cls(**json.loads(line))


def steps(tour: Tour, *, command: str) -> list[tuple[str, str, str]]:
    """Return the known steps, in the order of a first visit: (title, address or command, what to do there).

    `command` plays the evening.
    """
    account = " ".join(filter(None, (tour.email, tour.password)))
    every = [
        ("Event", tour.event, "register, as a visitor does"),
        ("Mailbox", tour.mailbox, "read the email with the ticket"),
        ("Organizer", tour.sign_in, f"sign in: {account}" if account else "sign in"),
        ("Door", tour.door, _at_the_door(tour)),
        ("Live", tour.live, "see who has arrived at the event that is on now"),
        ("Evening", tour.live and command, "type it in this folder, and open the live page that it prints"),
        ("Report", tour.report, "see what an evening added up to"),
        ("Your own", tour.own, f"make your own organization, with the code {tour.code}"),
    ]
    return [step for step in every if step[1]]


def _at_the_door(tour: Tour) -> str:
    # A tour with a mailbox is of this machine alone: no phone reaches its addresses.
    if tour.mailbox:
        return "open it in another window, and scan the ticket or search for its short code"
    return "open it on a phone and scan the ticket"


def lines(tour: Tour, *, command: str) -> list[str]:
    """Return the tour as text for a terminal."""
    printed = []
    for number, (title, where, hint) in enumerate(steps(tour, command=command), 1):
        printed += [f"  {number}  {title:<9}  {click.style(where, bold=True)}", f"     {'':<9}  {hint}"]
    return printed
