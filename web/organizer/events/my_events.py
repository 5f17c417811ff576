"""The events of a member's organizations, and the overview of each."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts
from shared.door import doors
from shared.events import events
from shared.mailings import call_list
from shared.models import Role
from shared.registrations import people
from shared.reports import comparison
from web import covers
from web.access import SIGNED_IN, VIEWER, Member
from web.organizer.routes import OrganizerRoutes
from web.organizer.status.texts import trouble
from web.paging import page_number

pages = OrganizerRoutes("organizer_events", __name__, url_prefix="/organize")

PAGE = 20


@pages.get("/", access=SIGNED_IN)
def my_events(db: Session, by: Member) -> ResponseReturnValue:
    """Return all events of the member's organizations, upcoming and past; `?page=` is the page of the list."""
    now, number = clock.now(), page_number()
    memberships = accounts.memberships(db, account_id=by.account.id)
    ids = [membership.organization_id for membership in memberships]
    rows = events.of_organization(db, organization_ids=ids, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/events/my_events.html",
        memberships=memberships,
        may_make_own=by.account.is_demo and not accounts.is_there_any(db),
        may_make=any(Member(by.account, membership.role).may(Role.ORGANIZER) for membership in memberships),
        upcoming=[event for event in rows[:PAGE] if not event.is_over(now)],
        past=[event for event in rows[:PAGE] if event.is_over(now)],
        years=comparison.latest_years(db, organization_ids=ids),
        number=number,
        has_more=len(rows) > PAGE,
        tile=covers.tile,
    )


@pages.get("/events/<int:event_id>/", access=VIEWER)
def overview(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the overview of an event: its figures, and links to its other pages."""
    event = events.get(db, event_id=event_id)
    event_doors = doors.of_event(db, event_id=event_id) if by.may(Role.ORGANIZER) else []
    may_act = by.may(Role.ORGANIZER) and not event.is_over(clock.now())
    return render_template(
        "organizer/events/event.html",
        event=event,
        open_doors=sum(door.closed_at is None for door in event_doors),
        held_seats=sum(people.held_by_type(db, event_id=event_id).values()) if may_act else 0,
        unreached=call_list.count(db, event=event) if may_act else 0,
        troubles=trouble(db, event) if by.may(Role.ORGANIZER) else [],
    )
