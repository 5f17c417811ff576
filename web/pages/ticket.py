"""A ticket: the page that its QR code opens. It shows what is printed on the ticket and offers no action.

A photograph of a ticket contains its code, so the code opens nothing that the ticket does not show.
"""

from hashlib import sha256

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, wording
from shared.events import pictures
from shared.i18n import use_language
from shared.models import EventState, RegistrationState
from shared.papers import ticket as paper
from shared.papers.ticket import TicketPaper
from shared.registrations import registrations
from web.access import VISITOR, Visitor, network
from web.current import settings
from web.limits import Limit
from web.pages import covers
from web.routes import Routes


def _code() -> str:
    """Return the requested ticket, for all networks together, as a key that does not reveal its code."""
    return sha256(str((request.view_args or {})["code"]).encode()).hexdigest()[:32]


DRAW_LIMIT = Limit("ticket-drawn", count=30, seconds=600, key=_code)
DRAW_LIMIT_OF_NETWORK = Limit("ticket-drawn-network", count=900, seconds=600, key=network)
"""Drawing a ticket takes 4 ms (SVG) to 60 ms (PNG) of a core; in a hall of 300 each attendee may save a few copies."""

pages = Routes("ticket", __name__)


@pages.get("/T/<code>", access=VISITOR)
def ticket(db: Session, by: Visitor, code: str) -> ResponseReturnValue:
    """Show the ticket in the language of its attendee."""
    registration = registrations.by_code(db, code=code)
    event = registration.event
    with use_language(registration.language):
        page = render_template(
            "ticket/ticket.html",
            registration=registration,
            event=event,
            is_valid=registration.state == RegistrationState.CONFIRMED and event.state != EventState.CANCELLED,
            is_over=event.is_over(clock.now()),
            cloth=covers.banner(event),
            wording=wording,
        )
    return _private(make_response(page))


@pages.get("/T/<code>.png", access=VISITOR, limits=(DRAW_LIMIT_OF_NETWORK, DRAW_LIMIT))
def ticket_png(db: Session, by: Visitor, code: str) -> ResponseReturnValue:
    """Return the ticket as a picture to save."""
    return _private(Response(paper.png(_paper(db, code)), mimetype="image/png"))


@pages.get("/T/<code>.svg", access=VISITOR, limits=(DRAW_LIMIT_OF_NETWORK, DRAW_LIMIT))
def ticket_svg(db: Session, by: Visitor, code: str) -> ResponseReturnValue:
    """Return the ticket as a drawing."""
    return _private(Response(paper.svg(_paper(db, code)), mimetype="image/svg+xml"))


@pages.get("/T/<code>.pdf", access=VISITOR, limits=(DRAW_LIMIT_OF_NETWORK, DRAW_LIMIT))
def ticket_pdf(db: Session, by: Visitor, code: str) -> ResponseReturnValue:
    """Return the ticket for printing: on a postcard (A6), or with `?size=A4` on a whole sheet."""
    size: paper.Size = "A4" if request.args.get("size", "").upper() == "A4" else "A6"
    return _private(Response(paper.pdf(_paper(db, code), size), mimetype="application/pdf"))


def _paper(db: Session, code: str) -> TicketPaper:
    """Return the ticket in the language of its attendee. Raises Missing."""
    registration = registrations.by_code(db, code=code)
    photograph = pictures.photograph(db, event=registration.event)
    with use_language(registration.language):
        return wording.ticket_paper(registration, registration.event, settings().base_url, photograph)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
