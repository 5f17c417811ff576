"""Doors with their passes, as the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from shared import clock, links
from shared.models import Door, DoorPass, Event
from shared.operations.doors import pairing_secret
from shared.papers import qr
from shared.queries import doors
from web.current import settings
from web.forms.doors import name_field
from web.pages.form import Typed

EARLIER = 10
"""Passes before the newest that are listed for each door."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass, its link while it is good, and for how many more phones it is."""

    row: DoorPass
    link: str | None
    free: int


@dataclass(frozen=True, slots=True)
class Card:
    """A door with its name as it stands in a form, its newest good pass, and the ones before."""

    door: Door
    names: Typed
    newest: Pass | None
    others: Sequence[Pass]


def of_event(db: Session, event: Event) -> list[Card]:
    """The doors of an event, in three statements."""
    passes = doors.passes(db, event_id=event.id)
    taken = doors.phones_by_pass(db, event_id=event.id)
    return [_card(door, passes, taken) for door in doors.of_event(db, event_id=event.id)]


def _card(door: Door, passes: Sequence[DoorPass], taken: Mapping[int, int]) -> Card:
    newest = good_pass(passes, door)
    others = [one for one in passes if one.door_id == door.id and one is not newest]
    shown = _pass(newest, taken) if newest else None
    names = Typed({name_field(language): name for language, name in door.name.items()})
    return Card(door, names, shown, [_pass(one, taken) for one in others[:EARLIER]])


def _pass(row: DoorPass, taken: Mapping[int, int]) -> Pass:
    link = link_of(row) if row.ends_at > clock.now() else None
    return Pass(row, link, max(row.phones - taken.get(row.id, 0), 0))


def good_pass(passes: Sequence[DoorPass], door: Door) -> DoorPass | None:
    """The newest pass of a door that is not over."""
    return next((one for one in passes if one.door_id == door.id and one.ends_at > clock.now()), None)


def link_of(door_pass: DoorPass) -> str:
    """What pairs a phone with a pass."""
    secret = pairing_secret(door_pass, settings().secrets[0])
    return links.absolute(settings().base_url, links.door(secret))


def picture(link: str) -> Markup:
    """A link as a QR code."""
    # Drawn by us from numbers: safe.
    return Markup(qr.svg(link))  # noqa: S704 - see above
