"""Activity pages: an event's history for its organizers, an organization's for its owners.

Viewers see neither: the history names colleagues, and facts from tabs that viewers do not have.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.audit import activity
from shared.audit.activity import Act, Wanted
from web.access import ORGANIZER, OWNER, Member
from web.organizer.audit.texts import GROUPS, PAGE, before, page_of
from web.organizer.people.form import read_id
from web.organizer.routes import OrganizerRoutes, event_of, organization_of

pages = OrganizerRoutes("organizer_audit", __name__, url_prefix="/organize")


@pages.get("/events/<int:event_id>/audit", access=ORGANIZER)
def of_event(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """List the activity of an event; `?who=` and `?about=` filter it, `?before=` is the id of the last act shown."""
    event = event_of(by)
    acts = activity.of_event(db, event_id=event_id, limit=PAGE + 1, before=before(), wanted=_filter())
    return _page(db, by, "event", acts, event.zone)


@pages.get("/organizations/<int:organization_id>/audit", access=OWNER)
def of_organization(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """List the activity of an organization and all its events, with the same parameters."""
    organization = organization_of(by)
    acts = activity.of_organization(
        db, organization_id=organization_id, limit=PAGE + 1, before=before(), wanted=_filter()
    )
    context = {"organization": organization, "members": links.members(organization_id)}
    return _page(db, by, "organization", acts, organization.zone, **context)


def _page(db: Session, by: Member, template: str, acts: Sequence[Act], zone: str, **context: Any) -> str:
    page = page_of(db, acts, zone)
    return render_template(
        f"organizer/audit/{template}.html",
        groups={name: title for name, (title, _) in GROUPS.items() if name != "organization" or by.organization},
        about=_about(),
        has_actor=_account_id() is not None,
        # Taken from the list itself: looked up by the id, any account's name could be read here.
        actor=page["lines"][0].actor if page["lines"] and _account_id() is not None else "",
        query=query,
        **page,
        **context,
    )


def query(**changes: object) -> str:
    """Return the address of the same list with a filter changed, from its first page."""
    filters = {"who": _account_id(), "about": _about(), **changes}
    return "?" + urlencode({name: value for name, value in filters.items() if value not in (None, "")})


def _filter() -> Wanted:
    return Wanted(who=_account_id(), subjects=GROUPS[_about()][1] if _about() else ())


def _account_id() -> int | None:
    return read_id(request.args.get("who", ""))


def _about() -> str:
    group = request.args.get("about", "")
    return group if group in GROUPS else ""
