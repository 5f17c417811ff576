"""The events of an organizer's organizations, and the doors of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.models import Device, Door, DoorPass
from shared.operations import doors as operations
from shared.papers import qr
from shared.queries import accounts, doors, events
from web.access import ORGANIZER, SIGNED_IN, VIEWER, Member
from web.current import settings
from web.pages import cloths, wording
from web.pages.organizer import kept_by_nobody
from web.routes import Routes

pages = Routes("organizer_events", __name__, url_prefix="/organize")
pages.after_request(kept_by_nobody)

PAGE = 20
MOST_PHONES = 100


@dataclass(frozen=True)
class DoorCard:
    """A door, its newest pass as a picture and an address to give to volunteers, and the phones that scan there."""

    door: Door
    link: str | None
    picture: Markup | None
    phones: Sequence[Device]
    free: int


@pages.get("/", access=SIGNED_IN)
def mine(db: Session, by: Member) -> ResponseReturnValue:
    """All events of the member's organizations, to come and past; `?page=` turns the list."""
    number = min(max(request.args.get("page", 1, int), 1), 10_000)
    roles = {one.organization_id: one for one in accounts.memberships(db, account_id=by.account.id)}
    found = events.of_organization(db, organization_ids=list(roles), limit=PAGE + 1, offset=(number - 1) * PAGE)
    now, shown = clock.now(), found[:PAGE]
    return render_template(
        "organizer/events.html",
        by=by,
        memberships=list(roles.values()),
        upcoming=sorted((one for one in shown if not one.is_over(now)), key=lambda one: (one.starts_at or now, one.id)),
        past=[one for one in shown if one.is_over(now)],
        number=number,
        has_more=len(found) > PAGE,
        wording=wording,
        tile=cloths.tile,
    )


@pages.get("/events/<int:event_id>/", access=VIEWER)
def event(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """One event: its numbers, the ways on, and for organizers its doors."""
    shown = events.get(db, event_id=event_id)
    cards = _cards(db, event_id) if by.may("organizer") else []
    return render_template("organizer/event.html", by=by, event=shown, cards=cards, now=clock.now(), wording=wording)


@pages.post("/events/<int:event_id>/doors/<int:door_id>/passes", access=ORGANIZER)
def make_pass(db: Session, by: Member, event_id: int, door_id: int) -> ResponseReturnValue:
    """Make a new pass for a door; earlier ones stay good."""
    door = doors.door(db, door_id=door_id, event_id=event_id)
    phones = min(max(request.form.get("phones", 5, int), 1), MOST_PHONES)
    operations.make_pass(db, door=door, phones=phones)
    return redirect(f"/organize/events/{event_id}/#door-{door_id}", 303)


def _cards(db: Session, event_id: int) -> list[DoorCard]:
    newest: dict[int, DoorPass] = {}
    for door_pass in doors.passes(db, event_id=event_id):
        newest.setdefault(door_pass.door_id, door_pass)
    phones: dict[int, list[Device]] = {}
    for phone, _ in doors.phones(db, event_id=event_id):
        if phone.door_pass and phone.revoked_at is None:
            phones.setdefault(phone.door_pass.door_id, []).append(phone)
    return [_card(door, newest.get(door.id), phones.get(door.id, [])) for door in doors.of_event(db, event_id=event_id)]


def _card(door: Door, newest: DoorPass | None, phones: Sequence[Device]) -> DoorCard:
    if newest is None:
        return DoorCard(door, None, None, phones, 0)
    secret = tokens.make(settings().secrets[0], "pairing", id=newest.id, version=newest.version)
    link = links.absolute(settings().base_url, links.door(secret))
    taken = sum(phone.door_pass_id == newest.id for phone in phones)
    # Drawn by us from numbers: safe.
    return DoorCard(door, link, Markup(qr.svg(link)), phones, newest.phones - taken)  # noqa: S704 - see above
