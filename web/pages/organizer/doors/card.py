"""A printed card for a volunteer: the pairing code of a door, and the scanner's colours in every language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.door import doors, passes
from shared.i18n import deferred, gettext, use_language
from shared.models import Door, Event
from web.access import ORGANIZER, Member
from web.pages import wording
from web.pages.organizer import event_of, no_store
from web.pages.organizer.doors.cards import pairing_link, qr_picture, valid_pass
from web.routes import Routes

pages = Routes("organizer_card", __name__, url_prefix="/organize/events/<int:event_id>/doors")
pages.after_request(no_store)

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
        by=by,
        event=event,
        door=door,
        door_pass=door_pass,
        picture=qr_picture(pairing_link(door_pass)) if door_pass else None,
        columns=columns,
        names=list(dict.fromkeys(str(column["name"]) for column in columns.values())),
        verdicts=verdicts,
        wording=wording,
    )


def _column(language: str, door: Door, event: Event, verdicts: Iterable[Verdict]) -> Mapping[str, object]:
    """Return the texts of the card in one language."""
    with use_language(language):
        return {
            "name": wording.said(door.name, event),
            "steps": [gettext(step) for step in STEPS],
            "verdicts": [(" · ".join(map(gettext, verdict.words)), gettext(verdict.advice)) for verdict in verdicts],
        }
