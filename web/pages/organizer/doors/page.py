"""The doors page as every act on it leaves it: what is said above it, and a form again with what is wrong in it.

An act answers 303 to the page with a word in its address (said.py), so that a reload repeats nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError
from shared.models import Event
from shared.operations import audit
from shared.queries import conflicts, doors, quarantine, walk_ins
from web.access import Member
from web.forms.doors import MOST_PHONES, NOTE_LIMIT, typed_rules
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of
from web.pages.organizer.doors import cards, messages
from web.pages.organizer.doors import wording as door_wording
from web.pages.paging import page_number

CONFLICTS, PHONES, PAIRS = 20, 50, 20
"""Rows at once, so that the page stays as it is whatever an evening brings."""

FORMS = {
    "organizer_doors.add": "new",
    "organizer_doors.rename": "door-{door_id}",
    "organizer_doors.rules": "rules",
    "organizer_passes.make": "pass-{door_id}",
    "organizer_conflicts.settle": "conflict-{scan_id}-{rival_id}",
    "organizer_hand_in.take_in": "hand-in",
}
"""The forms of the page, by where they are sent: each field's id begins with its form's."""

ACTIONS = {
    "added": "door.added",
    "renamed": "door.renamed",
    "closed": "door.closed",
    "reopened": "door.reopened",
    "rules": "door.rules_edited",
    "made": "door_pass.created",
    "renewed": "door_pass.renewed",
    "ended": "door_pass.revoked",
    "revoked": "phone.revoked",
    "revoked_and_renewed": "phone.revoked_and_pass_renewed",
    "allowed": "phone.allowed",
    "quarantine_accepted": "quarantine.accepted",
    "quarantine_deleted": "quarantine.deleted",
    "settled": "conflict.settled",
    "opened": "conflict.reopened",
    "merged": "walk_in.merged",
    "separated": "walk_in.separated",
    "files": "scan_file.imported",
}
"""The audit action of each result that the address names."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A page of a list; `name` is the parameter that turns it."""

    name: str
    rows: Sequence[Any]
    number: int
    has_more: bool


def show(db: Session, by: Member, typed: Typed | None = None) -> str:
    """The whole page; `typed` is what was wrong in the form that was sent."""
    event = event_of(by)
    return render_template(
        "organizer/doors.html",
        by=by,
        typed=typed,
        typed_at=_form() if typed else None,
        five=Typed({"phones": "5"}),
        rules=Typed(typed_rules(event)),
        message=messages.message(),
        picture=cards.picture,
        most_phones=MOST_PHONES,
        **_lists(db, event),
    )


def changing(db: Session, by: Member) -> str:
    """The parts of the page that change by themselves."""
    return render_template(
        "organizer/doors_changing.html", by=by, typed=None, typed_at=None, **_lists(db, event_of(by))
    )


def refused(db: Session, by: Member, error: DomainError, **_: Any) -> ResponseReturnValue:
    """The page again with the fault at its field. Raises whatever is not about a field."""
    return show(db, by, Typed.of(error, {}, {}))


def done(db: Session, by: Member, word: str, at: str = "", **counts: int) -> ResponseReturnValue:
    """After an act: it is noted, and its page opens as far as its lists were turned, with what to say above it."""
    event = event_of(by)
    about: dict[str, Any] = {name: str(one) for name, one in (request.view_args or {}).items() if name != "event_id"}
    audit.note(db, by=by.account, action=ACTIONS[word], event=event, **about | counts)
    query = urlencode({**_turned(), "said": word, **counts})
    return redirect(f"/organize/events/{event.id}/doors/?{query}{at and '#' + at}", 303)


def _lists(db: Session, event: Event) -> dict[str, Any]:
    """What both the page and its changing parts show. The number of statements is the same for any number of rows."""
    return {
        "event": event,
        "now": clock.now(),
        "cards": cards.of_event(db, event),
        "conflicts": _turn("page", CONFLICTS, partial(conflicts.of_event, db, event_id=event.id)),
        "open_conflicts": conflicts.count_open(db, event_id=event.id),
        "quarantines": quarantine.of_event(db, event_id=event.id),
        "phones": _turn("phones", PHONES, partial(doors.phones, db, event_id=event.id)),
        "pairs": _turn("pairs", PAIRS, partial(walk_ins.look_alikes, db, event_id=event.id)),
        "untyped": Typed(),
        "kept": urlencode(_turned()),
        "note_limit": NOTE_LIMIT,
        "wording": wording,
        "door_wording": door_wording,
    }


def _form() -> str:
    return FORMS[str(request.endpoint)].format(**(request.view_args or {}))


def _turn(name: str, size: int, ask: Callable[..., Sequence[Any]]) -> Turned:
    number = page_number(name)
    rows = ask(limit=size + 1, offset=(number - 1) * size)
    return Turned(name, rows[:size], number, len(rows) > size)


def _turned() -> dict[str, int]:
    return {name: number for name in ("page", "phones", "pairs") if (number := page_number(name)) > 1}
