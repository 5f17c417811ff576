"""The doors page as every action on it returns to it: with a message above it, or with the errors of a form.

An action answers 303 to the page with its result in the address (RESULTS), so that a reload repeats nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.door import conflicts, phones, quarantine, walk_ins
from shared.errors import DomainError
from shared.i18n import deferred, gettext
from shared.models import Event
from web.access import Member
from web.forms.typed import Typed
from web.organizer import routes
from web.organizer.doors import cards
from web.organizer.doors import texts as door_wording
from web.organizer.doors.form import MOST_PHONES, NOTE_LIMIT, typed_rules
from web.organizer.routes import event_of
from web.paging import page_number

RESULTS = {
    "added": deferred("doors.door_added"),
    "renamed": deferred("doors.door_renamed"),
    "closed": deferred("doors.door_closed"),
    "reopened": deferred("doors.door_reopened"),
    "rules": deferred("doors.rules_saved"),
    "made": deferred("doors.pass_created"),
    "renewed": deferred("doors.link_replaced"),
    "ended": deferred("doors.pass_revoked"),
    "revoked": deferred("doors.phone_revoked"),
    "revoked_and_renewed": deferred("doors.phone_revoked_link_replaced"),
    "allowed": deferred("doors.phone_allowed"),
    "quarantine_deleted": deferred("doors.quarantine_deleted"),
    "settled": deferred("doors.note_saved"),
    "opened": deferred("doors.note_deleted"),
    "merged": deferred("doors.counted_as_one"),
    "separated": deferred("doors.counted_as_two"),
}

WITH_COUNTS = ("files", "quarantine_accepted")
"""Results after which the address also carries a count for each answer."""
COUNT_LIMIT = 10**6


def message() -> str:
    """Return the message, empty where the address names no result."""
    result = request.args.get("said", "")
    return _scan_counts() if result in WITH_COUNTS else gettext(RESULTS.get(result, ""))


def _scan_counts() -> str:
    """Return a sentence for each answer that any of the imported scans got."""
    counts = {name: min(max(request.args.get(name, 0, int), 0), COUNT_LIMIT) for name in door_wording.SCAN_ANSWERS}
    sentences = [door_wording.SCAN_ANSWERS[name](count) for name, count in counts.items() if count]
    return " ".join(sentences) or gettext("doors.no_scans_found")


CONFLICTS, PHONES, PAIRS = 20, 50, 20
"""Rows of each list at once, so that a busy evening cannot slow the page."""

FORMS = {
    "organizer_doors.add": "new",
    "organizer_doors.rename": "door-{door_id}",
    "organizer_doors.rules": "rules",
    "organizer_doors.create": "pass-{door_id}",
    "organizer_doors.settle": "conflict-{scan_id}-{rival_id}",
    "organizer_doors.import_files": "hand-in",
}
"""The id of each form of the page, by the endpoint it is sent to; the id of a field begins with that of its form."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list; `name` is the query parameter that turns it."""

    name: str
    rows: Sequence[Any]
    number: int
    has_more: bool


def show(db: Session, by: Member, typed: Typed | None = None) -> str:
    """Return the whole page; `typed` is a refused form, with its errors."""
    event = event_of(by)
    return render_template(
        "organizer/doors/page.html",
        typed=typed,
        typed_at=_form_id() if typed else None,
        new_pass=Typed({"phones": "5"}),
        rules=Typed(typed_rules(event)),
        message=message(),
        qr_picture=cards.qr_picture,
        most_phones=MOST_PHONES,
        **_lists(db, event),
    )


def live_sections(db: Session, by: Member) -> str:
    """Return the sections of the page that update automatically."""
    return render_template("organizer/doors/live_sections.html", typed=None, typed_at=None, **_lists(db, event_of(by)))


def refused(db: Session, by: Member, error: DomainError, **_: Any) -> ResponseReturnValue:
    """Return the page with the error at its field. Raises an error that is not about a field."""
    return show(db, by, Typed.of(error, {}, {}))


def done(event_id: int, result: str, at: str = "", **counts: int) -> ResponseReturnValue:
    """Redirect to the page, at the same pages of its lists, with the result."""
    return routes.done(links.organizer("doors", event_id=event_id), result, at, **_list_pages(), **counts)


def _lists(db: Session, event: Event) -> dict[str, Any]:
    """Return the context of the page and of its live sections. The number of statements does not grow with the rows."""
    return {
        "event": event,
        "now": clock.now(),
        "cards": cards.of_event(db, event),
        "conflicts": _list_page("page", CONFLICTS, partial(conflicts.of_event, db, event_id=event.id)),
        "quarantines": quarantine.of_event(db, event_id=event.id),
        "phones": _list_page("phones", PHONES, partial(phones.of_event, db, event_id=event.id)),
        "pairs": _list_page("pairs", PAIRS, partial(walk_ins.look_alikes, db, event_id=event.id)),
        "untyped": Typed(),
        "list_query": urlencode(_list_pages()),
        "note_limit": NOTE_LIMIT,
        "door_wording": door_wording,
    }


def _form_id() -> str:
    return FORMS[str(request.endpoint)].format(**(request.view_args or {}))


def _list_page(name: str, size: int, query: Callable[..., Sequence[Any]]) -> ListPage:
    number = page_number(name)
    rows = query(limit=size + 1, offset=(number - 1) * size)
    return ListPage(name, rows[:size], number, len(rows) > size)


def _list_pages() -> dict[str, int]:
    return {name: number for name in ("page", "phones", "pairs") if (number := page_number(name)) > 1}
