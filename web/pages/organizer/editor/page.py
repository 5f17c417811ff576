"""The editor's pages as every action on them returns to them.

An action answers 303 to the page with its result in the address, so that a reload repeats nothing.
"""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import Conflicting
from shared.events import events
from shared.events.programme import KINDS
from shared.i18n import deferred, gettext
from shared.models import ClosedReason, Event, EventState
from web.access import Member
from web.pages import wording
from web.pages.organizer import event_of, open_conflicts
from web.pages.organizer.form import Refusal

TITLES = {
    "texts": deferred("editor.texts_tab"),
    "time": deferred("editor.time_venue_tab"),
    "sessions": deferred("programme.programme_title"),
    "speakers": deferred("programme.speakers_title"),
    "partners": deferred("common.partners"),
    "ticket_types": deferred("ticket_type.types_title"),
    "questions": deferred("question.questions_tab"),
    "registration": deferred("common.registration"),
    "cover": deferred("common.cover"),
    "recap": deferred("event.recap_label"),
}
"""The sections of the editor, in the order of a first visit."""

RESULTS = {
    "saved": deferred("common.saved"),
    "wordless": deferred("editor.saved_wordless"),
    "telling": deferred("editor.saved_telling"),
    "told": deferred("editor.saved_notified"),
    "part_told": deferred("editor.saved_session_notified"),
    "created": deferred("editor.draft_created"),
    "added": deferred("editor.added"),
    "removed": deferred("editor.removed"),
    "published": deferred("editor.published"),
    "closed": deferred("common.registration_closed"),
    "opened": deferred("editor.registration_reopened"),
    "cancelled": deferred("editor.cancelled"),
}
REFUSALS: Mapping[str, str] = {
    "has_registrations": deferred("editor.has_registrations_error"),
    "has_scans": deferred("programme.has_scans_error"),
    "has_questions": deferred("ticket_type.has_questions_error"),
    "has_ticket_types": deferred("programme.has_ticket_types_error"),
    "last_one": deferred("editor.last_one_error"),
    "too_many": deferred("editor.limit_error"),
    "draft_in_use": deferred("editor.draft_in_use_error"),
    "not_ready": deferred("editor.not_ready_error"),
    EventState.PUBLISHED: deferred("editor.address_fixed_error"),
    ClosedReason.CANCELLED: deferred("common.event_cancelled"),
    ClosedReason.DRAFT: deferred("common.unchanged_draft_error"),
    ClosedReason.OVER: deferred("editor.over_error"),
    ClosedReason.DOORS_CLOSED: deferred("editor.doors_closed_error"),
}
"""The sentence for a refused action, by the reason of the Conflicting."""


def render(db: Session, by: Member, template: str, *, here: str, refusal: Refusal | None = None, **more: Any) -> str:
    """Return a page of the editor with its head, its navigation, and the message or refusal above it."""
    event = more.pop("event", None) or load_event(db, by)
    reason = refusal.error.reason if refusal and isinstance(refusal.error, Conflicting) else ""
    return render_template(
        f"organizer/editor/{template}.html",
        by=by,
        event=event,
        base=f"/organize/events/{event.id}/edit",
        here=here,
        titles={name: gettext(title) for name, title in TITLES.items()},
        counts={name: len(getattr(event, name)) for name in KINDS},
        message=gettext(RESULTS.get(request.args.get("said", ""), "")) if not refusal else "",
        refusal=gettext(REFUSALS[reason]) if reason in REFUSALS else "",
        is_stale=reason == "stale",
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        **more,
    )


def load_event(db: Session, by: Member) -> Event:
    """Return the event with its sessions, ticket types, speakers, partners and questions."""
    return events.get(db, event_id=event_of(by).id)


def back(event_id: int, section: str, result: str, at: str = "") -> ResponseReturnValue:
    """Redirect to a section of the editor, or to its overview where that is empty, with the result in the address."""
    return redirect(f"/organize/events/{event_id}/edit/{section}?said={result}{at and '#' + at}", 303)
