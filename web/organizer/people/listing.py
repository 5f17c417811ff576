"""The list of an event's attendees with its search, filters and columns, and the list of those without an email."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.events import events
from shared.i18n import deferred
from shared.models import Role
from shared.registrations import people
from shared.registrations.people import Wanted
from web.access import ORGANIZER, VIEWER, Member
from web.organizer.people import handout
from web.organizer.people import texts as people_wording
from web.organizer.people.form import MOST_AT_ONCE, read_filters, read_id
from web.organizer.routes import OrganizerRoutes, event_of
from web.paging import page_number

pages = OrganizerRoutes("organizer_people", __name__, url_prefix="/organize/events/<int:event_id>/people")

PAGE = 50
COLUMNS: Mapping[str, str] = {
    "contact": deferred("people.contact_column"),
    "registered": deferred("people.registered_at_column"),
    "language": deferred("common.language_label"),
    "source": deferred("people.source_label"),
    "code": deferred("common.short_code"),
}
"""The headings of the optional columns, beside name, state, ticket type and check-in."""
DEFAULT_COLUMNS = ("contact", "registered")
FILTERS = ("q", "state", "ticket_type", "language", "source", "came", "walk_ins")


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the list of attendees by name, 50 at a time; `?after=` is the id of the last one on the page before."""
    head = people.head(db, event=event_of(by))
    event = head.event
    wanted = wanted_of(by)
    rows = people.listed(
        db, event_id=event_id, wanted=wanted, limit=PAGE + 1, after=read_id(request.args.get("after", ""))
    )
    return render_template(
        "organizer/people/list.html",
        event=event,
        wanted=wanted,
        people=rows[:PAGE],
        next=rows[PAGE - 1].id if len(rows) > PAGE else None,
        ticket_types={ticket_type.id: ticket_type for ticket_type in event.ticket_types},
        channels=head.channels,
        sources=_sources(wanted.source, head.channels),
        columns=columns_of(by),
        headings=COLUMNS,
        choosable=[name for name in COLUMNS if may_see_contacts(by) or name != "contact"],
        query=query(),
        is_filtered=any(request.args.get(name) for name in FILTERS),
        is_first="after" not in request.args,
        most=MOST_AT_ONCE,
        is_imported=request.args.get("said") == "imported",
        message=people_wording.done(request.args.get("said", ""), _count("n"), _count("left"), event),
        people_wording=people_wording,
        hands_out=handout.is_due(event),
    )


def wanted_of(by: Member) -> Wanted:
    """Return the address's search and filters, limited to what this member may search."""
    return read_filters(request.args, contacts=may_see_contacts(by))


def may_see_contacts(by: Member) -> bool:
    """Return whether a member may see email addresses, phone numbers and answers: those of a private event are for its
    organizers only.
    """
    return by.may(Role.ORGANIZER) or not event_of(by).private


def columns_of(by: Member) -> list[str]:
    """Return the selected columns."""
    chosen = request.args.getlist("column") if "columns" in request.args else DEFAULT_COLUMNS
    return [name for name in COLUMNS if name in chosen and (name != "contact" or may_see_contacts(by))]


def _sources(wanted: str, channels: Mapping[str, str]) -> dict[str, str]:
    """Return the choices of the source filter: names by the values of the address, `wanted` always among them."""
    by_name = dict(sorted(channels.items(), key=lambda channel: channel[1].casefold()))
    sources = {**by_name, **{word: people_wording.source(word, {}) for word in people_wording.SOURCES}}
    return sources | ({wanted: sources.get(wanted, wanted)} if wanted else {})


def query(**more: object) -> str:
    """Return a query string with the current search, filters and columns, and `more` parameters."""
    pairs = [(name, value) for name in FILTERS if (value := request.args.get(name))]
    if "columns" in request.args:
        pairs += [("columns", "1"), *(("column", name) for name in request.args.getlist("column") if name in COLUMNS)]
    return urlencode([*pairs, *more.items()])


def _count(name: str) -> int:
    return min(max(request.args.get(name, 0, int), 0), 10**6)


@pages.get("/without-email", access=ORGANIZER)
def without_email(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the list of them by name, 50 at a time; `?page=` is the number of the page."""
    event, number = events.get(db, event_id=event_id), page_number()
    is_due = handout.is_due(event)
    parties = people.without_email(db, event=event, limit=PAGE + 1, offset=(number - 1) * PAGE) if is_due else []
    return render_template(
        "organizer/people/without_email.html",
        people=[(party[0], handout.of_party(party, event, phone=party[0].phone)) for party in parties[:PAGE]],
        has_more=len(parties) > PAGE,
        number=number,
        people_wording=people_wording,
    )
