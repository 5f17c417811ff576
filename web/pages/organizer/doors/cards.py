"""Doors with their passes, as the doors page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from shared import clock, links
from shared.door import doors, passes, phones
from shared.door.passes import pairing_secret
from shared.models import Door, DoorPass, Event
from shared.papers import qr
from web.current import settings
from web.forms.doors import name_field
from web.pages.form import Typed

EARLIER_LIMIT = 10
"""Most earlier passes that are listed for each door."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass, its link while it is valid, and how many more phones it can pair."""

    row: DoorPass
    link: str | None

    phones_left: int


@dataclass(frozen=True, slots=True)
class Card:
    """A door with its name as form values, its newest valid pass, and the passes before it."""

    door: Door
    names: Typed
    newest: Pass | None

    earlier: Sequence[Pass]


def of_event(db: Session, event: Event) -> list[Card]:
    """Return the doors of an event, in three statements."""
    door_passes = passes.of_event(db, event_id=event.id)
    phone_counts = phones.count_by_pass(db, event_id=event.id)
    return [_card(door, door_passes, phone_counts) for door in doors.of_event(db, event_id=event.id)]


def _card(door: Door, door_passes: Sequence[DoorPass], phone_counts: Mapping[int, int]) -> Card:
    newest = valid_pass(door_passes, door)
    earlier = [door_pass for door_pass in door_passes if door_pass.door_id == door.id and door_pass is not newest]
    newest_pass = _pass(newest, phone_counts) if newest else None
    names = Typed({name_field(language): name for language, name in door.name.items()})
    return Card(door, names, newest_pass, [_pass(row, phone_counts) for row in earlier[:EARLIER_LIMIT]])


def _pass(row: DoorPass, phone_counts: Mapping[int, int]) -> Pass:
    link = pairing_link(row) if row.ends_at > clock.now() else None
    return Pass(row, link, max(row.phones - phone_counts.get(row.id, 0), 0))


def valid_pass(door_passes: Sequence[DoorPass], door: Door) -> DoorPass | None:
    """Return the newest pass of a door that has not expired, or None."""
    now = clock.now()
    return next((row for row in door_passes if row.door_id == door.id and row.ends_at > now), None)


def pairing_link(door_pass: DoorPass) -> str:
    """Return the link that pairs a phone with a pass."""
    secret = pairing_secret(door_pass, settings().secrets[0])
    return links.absolute(settings().base_url, links.door(secret))


def qr_picture(link: str) -> Markup:
    """Return a link as a QR code."""
    # The SVG is drawn here from numbers alone, so it is safe as it stands.
    return Markup(qr.svg(link))  # noqa: S704 - see above
