"""Declares a page of organizers: no cache stores it, and its template has what all of them show.

    pages = OrganizerRoutes("organizer_live", __name__, url_prefix="/organize/events/<int:event_id>", results=RESULTS)

In a template: `by`, the member; `event`, which the address names; `wording`; `open_conflicts()`, the number on the tab
of the doors, which is counted when it is first shown; and `message`, the result that the address names.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.door import conflicts
from shared.i18n import gettext
from shared.models import Event, Organization, Role
from web import wording
from web.access import Member
from web.routes import Routes


class OrganizerRoutes(Routes):
    """A blueprint of pages that no cache stores; `results` are the messages for the results that `done` names."""

    def __init__(
        self, name: str, import_name: str, *, url_prefix: str | None = None, results: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.results = results or {}
        self.after_request(no_store)
        self.context_processor(self._context)

    def _context(self) -> dict[str, Any]:
        """Return what every template has; a view may pass a value of its own under the same name."""
        by = g.get("by")
        if not isinstance(by, Member):
            return {"wording": wording}
        context = {
            "by": by,
            "wording": wording,
            "open_conflicts": cache(partial(open_conflicts, g.db, by)),
            "message": gettext(self.results.get(request.args.get("said", ""), "")),
        }
        return context | ({"event": by.event} if by.event else {})


def done(address: str, result: str, at: str = "", **query: object) -> ResponseReturnValue:
    """Redirect to a page, with the result of an action in its address, so that a reload repeats nothing; `at` is the id
    of the part of the page to show.
    """
    return redirect(f"{address}?{urlencode({'said': result, **query})}{at and '#' + at}", 303)


def no_store(response: Response) -> Response:
    """Forbid caches to store a page with pairing codes or figures, unless the page allows it."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def event_of(by: Member) -> Event:
    """Return the event that the address names."""
    assert by.event is not None, "the accesses VIEWER, ORGANIZER and OWNER bring the event"
    return by.event


def organization_of(by: Member) -> Organization:
    """Return the organization that the address names."""
    assert by.organization is not None, "the access OWNER brings the organization"
    return by.organization


def open_conflicts(db: Session, by: Member) -> int:
    """Return the number of open conflicts for the tab of the doors; 0 for a member without that tab."""
    return conflicts.count_open(db, event_id=event_of(by).id) if by.may(Role.ORGANIZER) else 0
