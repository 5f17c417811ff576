"""The editor's pages as every act on them leaves them: a form again with its faults, and what was typed in it.

An act answers 303 to the page with a word in its address, so that a reload repeats nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import Conflicting, DomainError, Invalid
from shared.i18n import deferred, format_number, gettext
from shared.models import Event
from shared.operations.programme import KINDS
from shared.queries import events
from web.access import Member
from web.forms import FormError, fields
from web.forms import events as forms
from web.forms.fields import Field, Setting
from web.pages import seen, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, open_conflicts

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
    "told": deferred("Saved. Everybody with a place gets a mail."),
    "part_told": deferred("Saved. Everybody with a place in this part gets a mail."),
    "created": deferred("The draft is there. Only members of your organization see it."),
    "added": deferred("Added."),
    "removed": deferred("Removed."),
    "published": deferred("Published: the page is there for visitors."),
    "closed": deferred("Registration is closed."),
    "opened": deferred("Registration is open again."),
    "cancelled": deferred("Cancelled. Everybody with a place gets a mail."),
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
}
"""Why an act was refused, by the reason of the Conflicting."""
NAMED = {"starts": "starts_local", "ends": "ends_local"}
"""The fields of a form, by the names that the rules know them under."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form as it is shown."""

    at: str
    fields: Sequence[Field]
    setting: Setting
    typed: Typed
    stamp: str = ""

    def names(self, one: Field) -> list[str]:
        """The fields under which one of the table is sent."""
        return one.names(self.setting)

    def asks_which(self, name: str) -> bool:
        """Whether the clock shows the time in this field twice."""
        values = self.typed.values
        zone = values.get("zone") or self.setting.zone
        return bool(values.get(f"{name}.which")) or _is_twice(values.get(name, ""), zone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was refused: which one, and why."""

    at: str
    error: DomainError

    def is_of(self, at: str) -> bool:
        """Whether what was typed into this form is shown again; other acts at it (removing, say) bring no fields."""
        return self.at == at and (isinstance(self.error, seen.Stale) or not isinstance(self.error, Conflicting))


def form_of(
    at: str,
    listed: Sequence[Field],
    event: Event,
    shown: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """A form about an event with what is kept; the one that was refused with what was `typed` into it."""
    return form_in(at, listed, forms.setting(event), shown, refusal, typed)


def form_in(
    at: str,
    listed: Sequence[Field],
    setting: Setting,
    shown: Mapping[str, str],
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """The same about anything, in the languages of a setting."""
    if refusal is None or not refusal.is_of(at):
        return Form(at, listed, setting, Typed(shown), seen.stamp(shown))
    values = dict(typed or fields.typed(listed, request.form, setting))
    theirs = seen.differences(shown, values, refusal.error)
    typed_in = Typed(values, errors_of(refusal.error), theirs=theirs)
    return Form(at, listed, setting, typed_in, seen.stamp_again(shown, refusal.error))


def errors_of(error: DomainError) -> dict[str, str]:
    """A sentence for each field that is wrong. Raises what is not about a form."""
    if isinstance(error, FormError):
        return error.errors
    if isinstance(error, Invalid) and error.reason in forms.SENTENCES:
        numbers = {name: format_number(number) for name, number in error.numbers.items()}
        return {NAMED.get(error.field, error.field): gettext(forms.SENTENCES[error.reason], **numbers)}
    if isinstance(error, Conflicting):
        return {}
    raise error


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


def _is_twice(text: str, zone: str) -> bool:
    try:
        return fields.is_twice(fields.wall(text), zone)
    except (fields.Fault, LookupError, ValueError):
        return False
