"""The editor's pages as every act on them leaves them.

An act answers 303 to the page with a word in its address, so that a reload repeats nothing.
"""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import Conflicting
from shared.i18n import deferred, gettext
from shared.models import Event
from shared.operations.programme import KINDS
from shared.queries import events
from web.access import Member
from web.pages import wording
from web.pages.organizer import event_of, open_conflicts
from web.pages.organizer.form import Refusal

TITLES = {
    "texts": deferred("Texts"),
    "time": deferred("Time and place"),
    "sessions": deferred("Programme"),
    "speakers": deferred("Speakers"),
    "partners": deferred("Partners"),
    "ticket_types": deferred("Kinds of ticket"),
    "questions": deferred("Questions"),
    "registration": deferred("Registration"),
    "cover": deferred("Cover"),
    "recap": deferred("How it was"),
}
"""The parts of the editor, in the order of a first visit."""

SAID = {
    "saved": deferred("Saved."),
    "wordless": deferred(
        "Saved. The address of the event has no words any more, so that nobody reads the topic from it."
    ),
    "telling": deferred(
        "Saved. The address of the page keeps its words, since people have it: they may tell the topic."
    ),
    "told": deferred("Saved. Everybody who has a place or waits for one gets a mail."),
    "part_told": deferred("Saved. Everybody who has a place in this part or waits for one gets a mail."),
    "created": deferred("The draft is there. Only members of your organization see it."),
    "added": deferred("Added."),
    "removed": deferred("Removed."),
    "published": deferred("Published: the page is there for visitors."),
    "closed": deferred("Registration is closed."),
    "opened": deferred("Registration is open again."),
    "cancelled": deferred("Cancelled. Everybody who had a place or waited for one gets a mail."),
}
REFUSALS = {
    "has_registrations": deferred("It stays: people are registered for it."),
    "has_scans": deferred("It stays: tickets were scanned there."),
    "has_questions": deferred("It stays: a question is only for it."),
    "has_ticket_types": deferred("It stays: a kind of ticket is only for it."),
    "last_one": deferred("It stays: an event needs at least one."),
    "too_many": deferred("These are as many as there can be."),
    "draft_in_use": deferred("It is not deleted: people or phones belong to it already."),
    "not_ready": deferred("It is not published: something that it needs is missing."),
    "published": deferred("The address stays: the event is published, and people have it."),
    "cancelled": deferred("This event is cancelled."),
    "draft": deferred("Nothing is changed: the event is not published yet."),
    "over": deferred("Nothing is changed: the event is over already."),
    "doors_closed": deferred("Nothing is changed: the doors are closed. First open them again."),
}
"""Why an act was refused, by the reason of the Conflicting."""


def render(db: Session, by: Member, template: str, *, here: str, refusal: Refusal | None = None, **more: Any) -> str:
    """A page of the editor: its head, its ways on, and what to say above it."""
    event = more.pop("event", None) or whole(db, by)
    reason = refusal.error.reason if refusal and isinstance(refusal.error, Conflicting) else ""
    return render_template(
        f"organizer/editor/{template}.html",
        by=by,
        event=event,
        base=f"/organize/events/{event.id}/edit",
        here=here,
        titles={name: gettext(title) for name, title in TITLES.items()},
        counts={name: len(getattr(event, name)) for name in KINDS},
        message=gettext(SAID.get(request.args.get("said", ""), "")) if not refusal else "",
        refusal=gettext(REFUSALS[reason]) if reason in REFUSALS else "",
        is_stale=reason == "stale",
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        **more,
    )


def whole(db: Session, by: Member) -> Event:
    """The event with everything in it."""
    return events.get(db, event_id=event_of(by).id)


def back(event_id: int, part: str, word: str, at: str = "") -> ResponseReturnValue:
    """To a page of the editor, with what to say above it."""
    return redirect(f"/organize/events/{event_id}/edit/{part}?said={word}{at and '#' + at}", 303)
