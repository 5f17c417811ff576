"""Actions on one or many attendees: first a page with their number and the effect, then the action."""

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.errors import DomainError, Invalid, NotOpen
from shared.i18n import gettext, ngettext
from shared.registrations import organizer_registrations, people
from shared.registrations.organizer_registrations import BulkResult
from web.access import ORGANIZER, Member
from web.forms import FormError
from web.organizer.people import texts as people_wording
from web.organizer.people.form import MOST_AT_ONCE, read_id, read_ids
from web.organizer.people.listing import query, wanted_of
from web.organizer.routes import OrganizerRoutes, event_of

pages = OrganizerRoutes("organizer_acts", __name__, url_prefix="/organize/events/<int:event_id>/people/acts")

NAMED = 20
"""Attendees named on the confirmation page; of any beyond these it gives the number."""

Operation = Callable[[Session, Member, list[int]], BulkResult]


def _move(db: Session, by: Member, ids: list[int]) -> BulkResult:
    ticket_type_id = read_id(request.form.get("ticket_type", "")) or 0
    return organizer_registrations.move(db, event=event_of(by), ids=ids, ticket_type_id=ticket_type_id, by=by.account)


OPERATIONS: Mapping[str, Operation] = {
    "cancel": lambda db, by, ids: organizer_registrations.cancel(db, event=event_of(by), ids=ids, by=by.account),
    "confirm": lambda db, by, ids: organizer_registrations.confirm(db, event=event_of(by), ids=ids, by=by.account),
    "send_again": lambda db, by, ids: organizer_registrations.send_again(
        db, event=event_of(by), ids=ids, by=by.account
    ),
    "promote": lambda db, by, ids: organizer_registrations.promote(db, event=event_of(by), ids=ids, by=by.account),
    "move": _move,
}


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the confirmation page with the reason for the refusal. Raises any error that concerns neither the
    selection nor the event's state.
    """
    if isinstance(error, FormError):
        return _show(db, by, [], next(iter(error.errors.values())))
    if isinstance(error, Invalid):
        return _show(
            db, by, read_ids(request.form.getlist("person"))[:MOST_AT_ONCE], gettext("people.ticket_type_error")
        )
    if isinstance(error, NotOpen):
        return _show(db, by, [], gettext(people_wording.CLOSED[error.reason]))
    raise error


@pages.post("", access=ORGANIZER, refused=refused, endpoint="confirm")
def confirm(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Ask for confirmation, with the number of attendees; nothing changes yet."""
    act, ids = _act(), _chosen(db, by)
    refusal = _full(db, by, ids) if act == "promote" else ""
    return _show(db, by, [] if refusal else ids, refusal)


@pages.post("/done", access=ORGANIZER, refused=refused)
def do(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Carry the action out on the attendees of the confirmation page."""
    act, ids = _act(), read_ids(request.form.getlist("person"))
    _check(ids)
    return _carry_out(db, by, act, ids)


@pages.post("/held", access=ORGANIZER, refused=refused)
def resolve_held(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Confirm or cancel all seats held beyond a network's share, in one step."""
    return _carry_out(db, by, _act(), list(people.held_ids(db, event_id=event_id)))


def _carry_out(db: Session, by: Member, act: str, ids: list[int]) -> ResponseReturnValue:
    result = OPERATIONS[act](db, by, ids)
    outcome = query(said=act, n=result.changed, left=result.unchanged)
    return redirect(f"{links.organizer('people', event_id=event_of(by).id)}?{outcome}", 303)


def _act() -> str:
    """Return the action that the form names. Raises FormError for an unknown one."""
    act = request.form.get("act", "")
    if act not in OPERATIONS:
        raise FormError({"act": gettext("people.no_action_error")}, {})
    return act


def _chosen(db: Session, by: Member) -> list[int]:
    """Return the ids of the selected attendees, or of all that match the list's filters. Raises FormError for none and
    for too many.
    """
    if request.form.get("everybody"):
        ids = people.ids(db, event_id=event_of(by).id, wanted=wanted_of(by), limit=MOST_AT_ONCE + 1)
    else:
        ids = read_ids(request.form.getlist("person"))
    _check(ids)
    return ids


def _full(db: Session, by: Member, ids: list[int]) -> str:
    """Return the reason why none of these attendees can get a seat; empty while at least one can."""
    event = people.head(db, event=event_of(by)).event
    type_ids = {registration.ticket_type_id for registration in people.people(db, event_id=event.id, ids=ids)}
    return people_wording.full(event, [each for each in event.ticket_types if each.id in type_ids])


def _check(ids: list[int]) -> None:
    if not ids:
        raise FormError({"person": gettext("people.none_selected_error")}, {})
    if len(ids) > MOST_AT_ONCE:
        raise FormError({"person": ngettext("people.too_many_error", MOST_AT_ONCE)}, {})


def _show(db: Session, by: Member, ids: list[int], refusal: str) -> str:
    event = people.head(db, event=event_of(by)).event
    act = request.form.get("act", "")
    return render_template(
        "organizer/people/confirm.html",
        event=event,
        act=act,
        words_of=people_wording.ACT_WORDS.get(act),
        people=people.people(db, event_id=event.id, ids=ids),
        named=NAMED,
        refusal=refusal,
        query=query(),
        ticket_type=request.form.get("ticket_type", ""),
        people_wording=people_wording,
    )
