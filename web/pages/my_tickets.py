"""The places of this browser, without an account."""

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.queries import registrations
from web.access import VISITOR, Visitor
from web.pages import wording
from web.routes import Routes
from web.ticket_cookie import forget as forget_places
from web.ticket_cookie import remembered_registrations

pages = Routes("mine", __name__)


@pages.get("/<lang>/my", access=VISITOR)
def mine(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """The registrations that this browser remembers, as far as their links still open."""
    kept = {(place.id, place.version): place for place in remembered_registrations(request)}
    found = registrations.live(db, links=list(kept)) if kept else []
    page = render_template(
        "registration/mine.html",
        mine=[(one, kept[one.id, one.version].address(lang)) for one in found],
        now=clock.now(),
        is_forgotten=request.args.get("said") == "forgotten",
        alternates={code: links.my_registrations(code) for code in LANGUAGES},
        wording=wording,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/<lang>/my/forget", access=VISITOR)
def forget(db: Session, by: Visitor, lang: str) -> ResponseReturnValue:
    """Have this browser forget them, where others use it too."""
    answer = make_response(redirect(f"{links.my_registrations(lang)}?said=forgotten", 303))
    forget_places(answer)
    return answer
