"""Acts of the audit as lines of a list: time, actor, action, details and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from shared.audit import activity
from shared.audit.activity import Act
from shared.i18n import Text, gettext, language, ngettext, text_in
from web.forms.people import read_id
from web.pages.organizer import audit_wording

PAGE = 50
SYSTEM = 0
"""The id of the actor where the worker acted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act as a reader sees it. `person` and `event` are links where their addresses are not empty."""

    at: datetime
    when: str
    actor: str
    actor_id: int
    action: str
    details: str
    person: str
    person_address: str
    event: Text | None
    event_address: str


def of_acts(db: Session, acts: Sequence[Act], zone: str) -> list[Line]:
    """Return acts as lines; ids in them are shown by the names that they have now."""
    names = activity.names(db, acts)
    return [_line(act, audit_wording.details(act, names, zone), zone) for act in acts]


def page_of(db: Session, acts: Sequence[Act], zone: str) -> dict[str, Any]:
    """Return the context of one page of a list, from up to PAGE + 1 acts."""
    page = acts[:PAGE]
    return {
        "lines": of_acts(db, page, zone),
        "next": page[-1].id if len(acts) > PAGE else None,
        "is_first": "before" not in request.args,
        "zone": zone,
    }


def before() -> int | None:
    """Return the id of the last act of the page before, or None on the first page."""
    return read_id(request.args.get("before", ""))


def _line(act: Act, details: str, zone: str) -> Line:
    event = f"/organize/events/{act.event_id}/" if act.title else ""
    return Line(
        at=act.at,
        when=audit_wording.local(act.at, zone),
        actor=audit_wording.actor(act),
        actor_id=act.account_id or SYSTEM,
        action=audit_wording.action(act.action),
        details=details,
        person=_person(act),
        person_address=f"{event}people/{act.registration_id}/" if act.person and act.people == 1 else "",
        event=text_in(act.title, (language(), *(act.languages or ()))),
        event_address=event,
    )


def _person(act: Act) -> str:
    if act.people > 1:
        return ngettext("activity.people_count", act.people)
    gone = gettext("activity.person_gone") if act.registration_id else ""
    return act.person or gone
