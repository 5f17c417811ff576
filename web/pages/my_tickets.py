"""The registrations of this browser, without an account."""

from collections.abc import Mapping

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.i18n import deferred
from shared.models import RegistrationState
from shared.registrations import registrations
from web.access import VISITOR, Visitor
from web.pages import wording
from web.routes import Routes
from web.ticket_cookie import forget as forget_tickets
from web.ticket_cookie import remembered_registrations

pages = Routes("my_tickets", __name__)

STATES: Mapping[RegistrationState, str] = {
    RegistrationState.UNCONFIRMED: deferred("mine.not_confirmed_state"),
    RegistrationState.CONFIRMED: deferred("common.confirmed_state"),
    RegistrationState.WAITING: deferred("common.on_waiting_list"),
    RegistrationState.OFFERED: deferred("mine.offered_state"),
    RegistrationState.CANCELLED: deferred("mine.cancelled_state"),
}


@pages.get("/<lang>/my", access=VISITOR)
def my_tickets(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """List the registrations in this browser's cookie whose links are still valid."""
    remembered = {(entry.id, entry.version): entry for entry in remembered_registrations(request)}
    live = registrations.live(db, links=list(remembered)) if remembered else []
    page = render_template(
        "registration/my_tickets.html",
        registrations=[(each, remembered[each.id, each.version].address(lang)) for each in live],
        now=clock.now(),
        states=STATES,
        is_forgotten=request.args.get("said") == "forgotten",
        alternates={code: links.my_registrations(code) for code in LANGUAGES},
        wording=wording,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/<lang>/my/forget", access=VISITOR)
def forget(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """Delete this browser's cookie, for a browser that others use too."""
    answer = make_response(redirect(f"{links.my_registrations(lang)}?said=forgotten", 303))
    forget_tickets(answer)
    return answer
