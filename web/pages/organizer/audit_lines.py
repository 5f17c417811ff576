"""Acts as lines of a list: when, who, what, and where that leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from shared.i18n import Text, gettext, language, ngettext, text_in
from shared.queries import audit
from shared.queries.audit import Act
from web.forms.people import read_id
from web.pages.organizer import audit_wording

PAGE = 50
SERVICE = 0
"""Who acted, where it was the worker."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act as it is read. `person` and `event` are links where their addresses are not empty."""

    at: datetime
    when: str
    who: str
    who_id: int
    what: str
    more: str
    person: str
    person_address: str
    event: Text | None
    event_address: str


def of_acts(db: Session, acts: Sequence[Act], zone: str) -> list[Line]:
    """The lines of acts, the ids in them by the names that they have now."""
    names = audit.names(db, acts)
    return [_line(act, audit_wording.more(act, names, zone), zone) for act in acts]


def page_of(db: Session, found: Sequence[Act], zone: str) -> dict[str, Any]:
    """What a page of a list shows, of one act more than there is room for."""
    shown = found[:PAGE]
    return {
        "lines": of_acts(db, shown, zone),
        "next": shown[-1].id if len(found) > PAGE else None,
        "is_first": "before" not in request.args,
        "zone": zone,
    }


def before() -> int | None:
    """The last act of the page before."""
    return read_id(request.args.get("before", ""))


def _line(act: Act, more: str, zone: str) -> Line:
    event = f"/organize/events/{act.event_id}/" if act.title else ""
    return Line(
        at=act.at,
        when=audit_wording.local(act.at, zone),
        who=audit_wording.who(act),
        who_id=act.account_id or SERVICE,
        what=audit_wording.what(act.action),
        more=more,
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
