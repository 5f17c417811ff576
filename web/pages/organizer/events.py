"""The events of an organizer's organizations, and one of them."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.queries import accounts, call_list, doors, events, people, series
from web.access import SIGNED_IN, VIEWER, Member
from web.pages import covers, wording
from web.pages.organizer import no_store, open_conflicts
from web.pages.organizer.status_wording import trouble
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_events", __name__, url_prefix="/organize")
pages.after_request(no_store)

PAGE = 20


@pages.get("/", access=SIGNED_IN)
def mine(db: Session, by: Member) -> ResponseReturnValue:
    """All events of the member's organizations, to come and past; `?page=` turns the list."""
    number = page_number()
    roles = {one.organization_id: one for one in accounts.memberships(db, account_id=by.account.id)}
    found = events.of_organization(db, organization_ids=list(roles), limit=PAGE + 1, offset=(number - 1) * PAGE)
    now, shown = clock.now(), found[:PAGE]
    return render_template(
        "organizer/events.html",
        by=by,
        memberships=list(roles.values()),
        may_make_own=by.account.is_demo and not accounts.is_there_any(db),
        may_make=any(Member(by.account, one.role).may("organizer") for one in roles.values()),
        upcoming=[one for one in shown if not one.is_over(now)],
        past=[one for one in shown if one.is_over(now)],
        years=series.latest_years(db, organization_ids=list(roles)),
        number=number,
        has_more=len(found) > PAGE,
        wording=wording,
        tile=covers.tile,
    )


@pages.get("/events/<int:event_id>/", access=VIEWER)
def event(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """One event: its numbers and the ways on."""
    shown = events.get(db, event_id=event_id)
    found = doors.of_event(db, event_id=event_id) if by.may("organizer") else []
    is_ahead = not shown.is_over(clock.now())
    return render_template(
        "organizer/event.html",
        by=by,
        event=shown,
        open_doors=sum(one.closed_at is None for one in found),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        held=sum(people.held_by_type(db, event_id=event_id).values()) if by.may("organizer") and is_ahead else 0,
        unreached=call_list.count(db, event=shown) if by.may("organizer") and is_ahead else 0,
        troubles=trouble(db, shown) if by.may("organizer") else [],
    )
