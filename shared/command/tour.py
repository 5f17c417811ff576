"""What `turnout up` prints once everything answers: five steps, each an address."""

import json
from dataclasses import asdict, dataclass

import click


@dataclass(frozen=True)
class Tour:
    """Addresses for a first look, absolute; empty where there is none."""

    event: str = ""
    mailbox: str = ""
    sign_in: str = ""
    email: str = ""
    password: str = ""
    door: str = ""
    report: str = ""
    first: str = ""
    code: str = ""
    live: str = ""
    fills: bool = False
    """Whether the demo's sample evenings are still to be filled."""

    def to_json(self) -> str:
        """As one line, for the process that prints it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Tour":
        """The same tour again."""
        return cls(**json.loads(line))


def steps(tour: Tour) -> list[tuple[str, str, str]]:
    """What is known, in the order of a first visit: (what, where, what to do there)."""
    account = " ".join(filter(None, (tour.email, tour.password)))
    every = [
        ("Event", tour.event, "sign up, as a visitor does"),
        ("Mailbox", tour.mailbox, "the ticket that was mailed"),
        ("Organizer", tour.sign_in, f"sign in: {account}" if account else "sign in"),
        ("First visit", tour.first, f"make the first account, with the code {tour.code}"),
        ("Door", tour.door, "open it on a phone and scan the ticket"),
        ("Report", tour.report, "what an evening added up to"),
    ]
    return [step for step in every if step[1]]


def lines(tour: Tour) -> list[str]:
    """The tour as text for a terminal."""
    printed = []
    for number, (what, where, hint) in enumerate(steps(tour), 1):
        printed += [f"  {number}  {what:<11}{click.style(where, bold=True)}", f"     {'':<11}{hint}"]
    return printed
