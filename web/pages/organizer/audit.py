"""Who did what and when: an event's history for those who organize it, an organization's for its owners.

Viewers have neither: it names colleagues, and what is behind tabs that viewers do not have.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.queries import audit
from shared.queries.audit import Act, Wanted
from web.access import ORGANIZER, OWNER, Member
from web.forms.people import read_id
from web.pages import wording
from web.pages.organizer import event_of, no_store, open_conflicts, organization_of
from web.pages.organizer.audit_lines import PAGE, before, page_of
from web.pages.organizer.audit_wording import GROUPS
from web.routes import Routes

pages = Routes("organizer_audit", __name__, url_prefix="/organize")
pages.after_request(no_store)


@pages.get("/events/<int:event_id>/audit", access=ORGANIZER)
def of_event(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What was done in an event; `?who=` and `?about=` narrow it down, `?before=` is the last act before the page."""
    event = event_of(by)
    found = audit.of_event(db, event_id=event_id, limit=PAGE + 1, before=before(), wanted=_wanted())
    shown = {"event": event, "open_conflicts": open_conflicts(db, by), "wording": wording}
    return _page(db, by, "event", found, event.zone, **shown)


@pages.get("/organizations/<int:organization_id>/audit", access=OWNER)
def of_organization(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """What was done in an organization and all its events, turned and narrowed down alike."""
    organization = organization_of(by)
    found = audit.of_organization(
        db, organization_id=organization_id, limit=PAGE + 1, before=before(), wanted=_wanted()
    )
    shown = {"organization": organization, "members": links.members(organization_id)}
    return _page(db, by, "organization", found, organization.zone, **shown)


def _page(db: Session, by: Member, template: str, found: Sequence[Act], zone: str, **shown: Any) -> str:
    turned = page_of(db, found, zone)
    return render_template(
        f"organizer/audit/{template}.html",
        by=by,
        groups={name: title for name, (title, _) in GROUPS.items() if name != "organization" or by.organization},
        about=_about(),
        is_of_one=_who() is not None,
        # By what stands in the list alone: an account's id tells nobody its name.
        who=turned["lines"][0].who if turned["lines"] and _who() is not None else "",
        query=query,
        **turned,
        **shown,
    )


def query(**changes: object) -> str:
    """The address of the same list, narrowed down otherwise; always from its first page."""
    kept = {"who": _who(), "about": _about(), **changes}
    return "?" + urlencode({name: value for name, value in kept.items() if value not in (None, "")})


def _wanted() -> Wanted:
    return Wanted(who=_who(), subjects=GROUPS[_about()][1] if _about() else ())


def _who() -> int | None:
    return read_id(request.args.get("who", ""))


def _about() -> str:
    named = request.args.get("about", "")
    return named if named in GROUPS else ""
