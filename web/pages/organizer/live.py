"""The evening as it happens, for its organizers, and for whoever was given the projector's link; and its end.

The same figures are told again to the page's script, once a second: 304 until one may have changed.
"""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.errors import DomainError, Missing
from shared.i18n import deferred, gettext, language
from shared.models import Event, EventSession
from shared.operations import reports as operations
from shared.queries import live as queries
from shared.queries.live import Live, Standing
from web.access import ORGANIZER, VIEWER, VISITOR, Member, Visitor
from web.current import settings
from web.pages import wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, occupancy
from web.pages.organizer.figure_labels import REASONS, by_reason
from web.routes import Routes

pages = Routes("organizer_live", __name__)
pages.after_request(no_store)

EVENT = "/organize/events/<int:event_id>"
REFUSALS = {
    "doors_not_open": deferred("live.not_closed_error"),
    "draft": deferred("common.unchanged_draft_error"),
    "cancelled": deferred("live.unchanged_cancelled_error"),
}
"""Why an act was refused, by the reason of the Conflicting."""


@pages.get(f"{EVENT}/live", access=VIEWER)
def live(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """How many are in, what room there is, and how the doors are doing."""
    return _show(db, by)


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The page again, and why the doors cannot be closed or opened again."""
    return _show(db, by, Typed.of(error, {}, REFUSALS).refusal)


@pages.get(f"{EVENT}/live.json", access=VIEWER)
def live_json(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The figures, and the part of the page that shows them; 304 while nothing has changed."""
    event = event_of(by)
    standing = queries.standing(db, event=event)
    if request.if_none_match.contains_weak(_tag(standing)):
        return _tagged(Response(status=304), standing)
    now = queries.live(db, event=event, has_parts=standing.has_parts)
    return _tagged(jsonify(**_told(event, now), html=_figures(event, standing, now, by=by)), standing)


@pages.post(f"{EVENT}/live/screen", access=ORGANIZER)
def renew_screen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Withdraw the projector's link; the page then shows a new one."""
    operations.renew_screen_link(db, event=event_of(by), by=by.account)
    return redirect(f"{links.live(event_id)}#screen", 303)


@pages.post(f"{EVENT}/live/close", access=ORGANIZER, refused=refused)
def close(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Close the doors: the report is compiled here and now, so that it is there also while the worker is away."""
    operations.close_doors(db, event=event_of(by), by=by.account)
    return redirect(links.event_report(event_id), 303)


@pages.post(f"{EVENT}/live/reopen", access=ORGANIZER, refused=refused)
def reopen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Take it back: people still come. What is compiled stays a version."""
    operations.reopen_doors(db, event=event_of(by), by=by.account)
    return redirect(links.live(event_id), 303)


@pages.get("/screen/<token>", access=VISITOR)
def screen(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """What a projector shows: numbers and the curve, no name, no door."""
    event = _shown(db, token)
    standing = queries.standing(db, event=event)
    return render_template(
        "screen/page.html",
        event=event,
        title=_title(event),
        address=f"{links.screen(token)}/live.json",
        tag=_tag(standing),
        figures=_screen_figures(event, queries.live(db, event=event, has_parts=standing.has_parts)),
    )


@pages.get("/screen/<token>/live.json", access=VISITOR)
def screen_json(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """The same for its script; 404 once the link is withdrawn."""
    event = _shown(db, token)
    standing = queries.standing(db, event=event)
    if request.if_none_match.contains_weak(_tag(standing)):
        return _tagged(Response(status=304), standing)
    now = queries.live(db, event=event, has_parts=standing.has_parts)
    return _tagged(jsonify(**_told(event, now), html=_screen_figures(event, now)), standing)


def _show(db: Session, by: Member, refusal: str = "") -> str:
    event = event_of(by)
    standing = queries.standing(db, event=event)
    link = _screen_link(event) if by.may("organizer") else None
    return render_template(
        "organizer/live.html",
        by=by,
        event=event,
        standing=standing,
        tag=_tag(standing),
        figures=_figures(event, standing, queries.live(db, event=event, has_parts=standing.has_parts), by=by),
        wording=wording,
        open_conflicts=standing.open_conflicts,
        link=link,
        ahead=_ahead(event) if standing.has_parts else [],
        refusal=refusal,
    )


def _ahead(event: Event) -> list[EventSession]:
    """The parts whose doors are still to open, or that begin later where doors let in at any time."""
    now = clock.now()
    opens = [(event.doors_open_at(part) or part.starts_at, part) for part in event.sessions]
    return [part for opens_at, part in opens if opens_at and opens_at > now]


def _shown(db: Session, token: str) -> Event:
    """The event that a projector's link names. Raises Missing for a forged or withdrawn one."""
    subject = tokens.verify(settings().secrets, "screen", token)
    event = db.get(Event, subject.id) if subject else None
    if event is None or subject is None or event.screen_version != subject.version:
        raise Missing("screen")
    return event


def _screen_link(event: Event) -> str:
    token = tokens.make(settings().secrets[0], "screen", id=event.id, version=event.screen_version)
    return links.absolute(settings().base_url, links.screen(token))


def _title(event: Event) -> str:
    # Whoever passes the door of a private event learns nothing of its topic.
    return gettext("live.title") if event.private else wording.said(event.title, event)


def _tag(standing: Standing) -> str:
    return f"{standing.tag}-{language()}"


def _tagged(answer: Response, standing: Standing) -> Response:
    answer.set_etag(_tag(standing), weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _told(event: Event, now: Live) -> dict[str, Any]:
    """The figures as numbers, for programs."""
    return {
        "expected": now.expected,
        "admitted": now.admitted,
        "inside": now.inside,
        "capacity": now.capacity,
        "free": now.room.free if now.room else None,
        "arrivals": occupancy.bins_of(event, now),
    }


def _figures(event: Event, standing: Standing, now: Live, *, by: Member) -> str:
    bins = occupancy.bins_of(event, now)
    return render_template(
        "organizer/live_figures.html",
        by=by,
        event=event,
        live=now,
        standing=standing,
        chart=occupancy.chart(bins),
        bins=bins,
        said=occupancy.sentence(now),
        room_said=occupancy.room_sentence(event, now),
        arrivals_said=occupancy.arrivals_sentence(bins),
        refused=[(gettext(REASONS[reason]), count) for reason, count in by_reason(now.refused).items()],
        clock_time=occupancy.clock_time,
    )


def _screen_figures(event: Event, now: Live) -> str:
    bins = occupancy.bins_of(event, now)
    return render_template(
        "screen/figures.html",
        event=event,
        live=now,
        chart=occupancy.chart(bins),
        said=occupancy.sentence(now),
        arrivals_said=occupancy.arrivals_sentence(bins),
    )
