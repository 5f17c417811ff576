"""Acts on people, one or many: first a page that says how many and what follows, then the act."""

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import DomainError, Invalid, NotOpen
from shared.i18n import gettext, ngettext
from shared.operations import organizer_registrations
from shared.operations.organizer_registrations import BulkResult
from shared.queries import people
from web.access import ORGANIZER, Member
from web.forms import FormError
from web.forms.people import MOST_AT_ONCE, read_id, read_ids
from web.pages import wording
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.people import wording as people_wording
from web.pages.organizer.people.listing import query, wanted_of
from web.routes import Routes

pages = Routes("organizer_acts", __name__, url_prefix="/organize/events/<int:event_id>/people/acts")
pages.after_request(no_store)

NAMED = 20
"""People whom the confirmation names; of more it says how many."""

Acting = Callable[[Session, Member, list[int]], BulkResult]


def _move(db: Session, by: Member, ids: list[int]) -> BulkResult:
    kind = read_id(request.form.get("ticket_type", "")) or 0
    return organizer_registrations.move(db, event=event_of(by), ids=ids, ticket_type_id=kind, by=by.account)


OPERATIONS: Mapping[str, Acting] = {
    "cancel": lambda db, by, ids: organizer_registrations.cancel(db, event=event_of(by), ids=ids, by=by.account),
    "confirm": lambda db, by, ids: organizer_registrations.confirm(db, event=event_of(by), ids=ids, by=by.account),
    "send_again": lambda db, by, ids: organizer_registrations.send_again(
        db, event=event_of(by), ids=ids, by=by.account
    ),
    "promote": lambda db, by, ids: organizer_registrations.promote(db, event=event_of(by), ids=ids, by=by.account),
    "move": _move,
}


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The confirmation, with why nothing is done. Raises whatever is about neither the choice nor the event's state."""
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
    """Ask once more, with the count; nothing is done yet."""
    act, ids = _act(), _chosen(db, by)
    refusal = _full(db, by, ids) if act == "promote" else ""
    return _show(db, by, [] if refusal else ids, refusal)


@pages.post("/done", access=ORGANIZER, refused=refused)
def do(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Do it to those whom the confirmation named."""
    act, ids = _act(), read_ids(request.form.getlist("person"))
    _check(ids)
    result = OPERATIONS[act](db, by, ids)
    told = query(said=act, n=result.changed, left=result.unchanged)
    return redirect(f"/organize/events/{event_id}/people/?{told}", 303)


@pages.post("/held", access=ORGANIZER, refused=refused)
def held(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Confirm, or cancel, every seat that is held beyond a network's share, in one step."""
    act = _act()
    ids = list(people.held_ids(db, event_id=event_id))
    result = OPERATIONS[act](db, by, ids)
    return redirect(
        f"/organize/events/{event_id}/people/?{query(said=act, n=result.changed, left=result.unchanged)}", 303
    )


def _act() -> str:
    """Raises FormError for what is no act."""
    act = request.form.get("act", "")
    if act not in OPERATIONS:
        raise FormError({"act": gettext("people.no_action_error")}, {})
    return act


def _chosen(db: Session, by: Member) -> list[int]:
    """Who was ticked, or everybody whom the list finds. Raises FormError for nobody and for too many."""
    if request.form.get("everybody"):
        ids = people.ids(db, event_id=event_of(by).id, wanted=wanted_of(by), limit=MOST_AT_ONCE + 1)
    else:
        ids = read_ids(request.form.getlist("person"))
    _check(ids)
    return ids


def _full(db: Session, by: Member, ids: list[int]) -> str:
    """Why none of these people can be given a seat; empty while somebody can."""
    event = people.head(db, event=event_of(by)).event
    types = {one.ticket_type_id for one in people.people(db, event_id=event.id, ids=ids)}
    return people_wording.full(event, [kind for kind in event.ticket_types if kind.id in types])


def _check(ids: list[int]) -> None:
    if not ids:
        raise FormError({"person": gettext("people.none_selected_error")}, {})
    if len(ids) > MOST_AT_ONCE:
        sentence = ngettext(
            "people.too_many_error",
            MOST_AT_ONCE,
        )
        raise FormError({"person": sentence}, {})


def _show(db: Session, by: Member, ids: list[int], refusal: str) -> str:
    event = people.head(db, event=event_of(by)).event
    chosen = people.people(db, event_id=event.id, ids=ids)
    act = request.form.get("act", "")
    return render_template(
        "organizer/people/confirm.html",
        by=by,
        event=event,
        act=act,
        words_of=people_wording.ACT_WORDS.get(act),
        people=chosen,
        named=NAMED,
        refusal=refusal,
        query=query(),
        kind=request.form.get("ticket_type", ""),
        open_conflicts=open_conflicts(db, by),
        wording=wording,
        people_wording=people_wording,
    )
