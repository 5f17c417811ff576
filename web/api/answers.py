"""The answers of the door's API as types: docs/openapi.json is made from them, and mypy holds the views to them.

They are not validated when they are sent: a roster has thousands of entries.
"""

from typing import NotRequired

from typing_extensions import TypedDict

from shared.database import Texts
from shared.door.roster import KeyFacts, Milliseconds, Period, RosterEntry, RosterScan, Rules, SessionFacts
from shared.scans import InvalidReason, ScanResult


class EventFacts(Period):
    """An event, its time zone, and the languages of its texts, the first one first."""

    zone: str
    languages: list[str]


class PassEvent(TypedDict):
    """What a pass shows of its event before a phone is paired."""

    title: Texts
    languages: list[str]


class DoorFacts(TypedDict):
    """A door of an event."""

    id: int
    name: Texts


class OwnDoor(DoorFacts):
    """The door of the phone's pass. A closed one pairs no more phones."""

    closed: bool


class TicketTypeFacts(TypedDict):
    """A ticket type for walk-ins; without sessions it admits to all."""

    id: int
    title: Texts
    sessions: list[int]


class DoorSetup(TypedDict):
    """What every phone of a pass decides by."""

    event: EventFacts
    door: OwnDoor
    doors: list[DoorFacts]
    sessions: list[SessionFacts]
    types: list[TicketTypeFacts]
    keys: list[KeyFacts]
    rules: Rules


class PassAnswer(TypedDict):
    """The event and the door of a pass."""

    event: PassEvent
    door: DoorFacts
    server_time: Milliseconds


class PairAnswer(DoorSetup):
    """A paired phone's token, and what it decides by."""

    token: str
    server_time: Milliseconds


class RosterAnswer(TypedDict):
    """The changes since a cursor; `whole`: everything, which replaces the phone's copy.

    `merged` maps a walk-in to the ticket of the same person. `removed` is empty: nothing leaves the list yet. `setup`
    is a hash of what the phone decides by. To a phone that sends this hash, the fields after it are not repeated.
    """

    cursor: str
    whole: bool
    entries: list[RosterEntry]
    removed: list[str]
    scans: list[RosterScan]
    merged: dict[str, str]
    server_time: Milliseconds
    setup: str
    event: NotRequired[EventFacts]
    door: NotRequired[OwnDoor]
    doors: NotRequired[list[DoorFacts]]
    sessions: NotRequired[list[SessionFacts]]
    types: NotRequired[list[TicketTypeFacts]]
    keys: NotRequired[list[KeyFacts]]
    rules: NotRequired[Rules]


class ScanAnswer(TypedDict):
    """The result of one scan. An invalid one has a reason: an InvalidReason, or the field that cannot be read."""

    id: str | None
    result: ScanResult
    reason: NotRequired[InvalidReason | str]


class ScansAnswer(TypedDict):
    """The results in the order of the scans. `resend` asks for all scans again: the server was restored."""

    server_time: Milliseconds
    resend: bool
    results: list[ScanAnswer]
