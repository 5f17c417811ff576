"""The list of an event's people, with its search, filters and columns."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.queries import people
from shared.queries.people import COMING, WALK_INS, Wanted
from web.access import VIEWER, Member
from web.forms.people import MOST_AT_ONCE, read_filters, read_id
from web.pages import wording
from web.pages.organizer import event_of, handout, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.routes import Routes

pages = Routes("organizer_people", __name__, url_prefix="/organize/events/<int:event_id>/people")
pages.after_request(no_store)

PAGE = 50
COLUMNS = ("contact", "registered", "language", "source", "code")
"""What can be shown beside name, state, kind of ticket and coming."""
SHOWN = ("contact", "registered")
FILTERS = ("q", "state", "ticket_type", "language", "source", "came", "walk_ins")


@pages.get("/", access=VIEWER)
def page(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Who is registered, by name, 50 at a time; `?after=` is the last of the page before."""
    head = people.head(db, event=event_of(by))
    event = head.event
    wanted = wanted_of(by)
    found = people.listed(
        db, event_id=event_id, wanted=wanted, limit=PAGE + 1, after=read_id(request.args.get("after", ""))
    )
    return render_template(
        "organizer/people/list.html",
        by=by,
        event=event,
        wanted=wanted,
        people=found[:PAGE],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
        kinds={kind.id: kind for kind in event.ticket_types},
        channels=head.channels,
        sources=_sources(wanted.source, head.channels),
        columns=columns_of(by),
        choosable=[name for name in COLUMNS if may_see_contacts(by) or name != "contact"],
        query=query(),
        is_filtered=any(request.args.get(name) for name in FILTERS),
        is_first="after" not in request.args,
        most=MOST_AT_ONCE,
        open_conflicts=open_conflicts(db, by),
        is_imported=request.args.get("said") == "imported",
        message=people_wording.done(request.args.get("said", ""), _count("n"), _count("left"), event),
        wording=wording,
        people_wording=people_wording,
        hands_out=handout.is_due(event),
        comings=COMING,
        walk_ins=WALK_INS,
    )


def wanted_of(by: Member) -> Wanted:
    """Whom the address asks for, as far as the visitor may ask."""
    return read_filters(request.args, contacts=may_see_contacts(by))


def may_see_contacts(by: Member) -> bool:
    """Addresses, numbers and answers of a private event are for those who organize it."""
    return by.may("organizer") or not event_of(by).private


def columns_of(by: Member) -> list[str]:
    """The columns that were chosen."""
    chosen = request.args.getlist("column") if "columns" in request.args else SHOWN
    return [name for name in COLUMNS if name in chosen and (name != "contact" or may_see_contacts(by))]


def _sources(wanted: str, channels: Mapping[str, str]) -> dict[str, str]:
    """What the list can be narrowed down to, by what stands in the address; what is asked for is always there."""
    named = dict(sorted(channels.items(), key=lambda one: one[1].casefold()))
    sources = {**named, **{word: people_wording.source(word, {}) for word in people_wording.SOURCES}}
    return sources | ({wanted: sources.get(wanted, wanted)} if wanted else {})


def query(**more: object) -> str:
    """The search, the filters and the columns once more, for an address that keeps them."""
    kept = [(name, value) for name in FILTERS if (value := request.args.get(name))]
    if "columns" in request.args:
        kept += [("columns", "1"), *(("column", name) for name in request.args.getlist("column") if name in COLUMNS)]
    return urlencode([*kept, *more.items()])


def _count(name: str) -> int:
    return min(max(request.args.get(name, 0, int), 0), 10**6)
