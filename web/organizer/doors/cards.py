"""Doors with their passes, as the doors page shows them, and a printed card for a volunteer: the pairing code of a
door, and the scanner's colours in every language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.door import doors, passes, phones
from shared.door.passes import pairing_secret
from shared.i18n import deferred, gettext, use_language
from shared.models import Door, DoorPass, Event
from shared.papers import qr
from web import wording
from web.access import ORGANIZER, Member
from web.current import settings
from web.forms.typed import Typed
from web.organizer.doors.form import name_field
from web.organizer.routes import OrganizerRoutes, event_of

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


pages = OrganizerRoutes("organizer_card", __name__, url_prefix="/organize/events/<int:event_id>/doors")

STEPS = (
    deferred("doors.card_step_link"),
    deferred("doors.card_step_start"),
    deferred("doors.card_step_scan"),
    deferred("doors.card_step_offline"),
    deferred("doors.card_step_sync"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A colour of the scanner, its sign, the words shown on it, and advice for the volunteer."""

    tone: str
    sign: str
    words: tuple[str, ...]
    advice: str


VERDICTS = (
    Verdict("go", "✓", (deferred("verdict.admitted"),), deferred("doors.card_admitted")),
    Verdict("flag", "✓", (deferred("verdict.admitted"),), deferred("doors.card_unlisted")),
    Verdict(
        "again",
        "↻",
        (deferred("verdict.already_checked_in"),),
        deferred("doors.card_already_in"),
    ),
    Verdict(
        "stop",
        "✕",
        (deferred("verdict.cancelled"), deferred("verdict.waiting"), deferred("verdict.other_event")),
        deferred("doors.card_stop"),
    ),
    Verdict("stop", "?", (deferred("verdict.not_a_ticket"),), deferred("doors.card_not_a_ticket")),
    Verdict("alarm", "!", (deferred("verdict.used_twice"),), deferred("doors.card_used_twice")),
)
CHECKED_OUT = Verdict(
    "out",
    "→",
    (deferred("verdict.checked_out"),),
    deferred("doors.card_checked_out"),
)
"""Shown only where attendees are scanned out too."""


@pages.get("/<int:door_id>/card", access=ORGANIZER)
def card(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Show one page to print, with the newest valid pass of the door."""
    event, door = event_of(by), doors.door(db, door_id=door_id, event_id=event_id)
    door_pass = valid_pass(passes.of_event(db, event_id=event_id), door)
    verdicts = (*VERDICTS, CHECKED_OUT) if event.reentry else VERDICTS
    columns = {language: _column(language, door, event, verdicts) for language in LANGUAGES}
    return render_template(
        "organizer/doors/card.html",
        event=event,
        door=door,
        door_pass=door_pass,
        picture=qr_picture(pairing_link(door_pass)) if door_pass else None,
        columns=columns,
        names=list(dict.fromkeys(str(column["name"]) for column in columns.values())),
        verdicts=verdicts,
    )


def _column(language: str, door: Door, event: Event, verdicts: Iterable[Verdict]) -> Mapping[str, object]:
    """Return the texts of the card in one language."""
    with use_language(language):
        return {
            "name": wording.said(door.name, event),
            "steps": [gettext(step) for step in STEPS],
            "verdicts": [(" · ".join(map(gettext, verdict.words)), gettext(verdict.advice)) for verdict in verdicts],
        }
