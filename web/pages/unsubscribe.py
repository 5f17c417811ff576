"""Refusing news of an organization: shows on GET, acts on POST, also when a mail program sends it (RFC 8058)."""

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import tokens
from shared.errors import Missing
from shared.i18n import use_language
from shared.models import Registration
from shared.operations import mailings
from shared.queries import registrations
from web.access import VISITOR, Visitor
from web.current import settings
from web.pages import wording
from web.routes import Routes

pages = Routes("unsubscribe", __name__)


@pages.get("/u/<token>", access=VISITOR, endpoint="ask")
def ask(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """What would be refused; reading the link, as virus scanners do, changes nothing."""
    return _page(_find(db, token), is_done=False)


@pages.post("/u/<token>", access=VISITOR, endpoint="refuse")
def refuse(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Send no more news to this contact; twice is the same."""
    registration = _find(db, token)
    mailings.unsubscribe(db, registration=registration)
    return _page(registration, is_done=True)


def _find(db: Session, token: str) -> Registration:
    subject = tokens.verify(settings().secrets, "unsubscribe", token)
    if subject is None:
        raise Missing("registration")
    registration = registrations.find(db, id=subject.id, version=subject.version)
    if registration.contact_key is None:
        raise Missing("registration")
    return registration


def _page(registration: Registration, *, is_done: bool) -> Response:
    event = registration.event
    with use_language(registration.language):
        organizer = wording.said(event.organization.name, event)
        page = render_template("registration/unsubscribe.html", organizer=organizer, is_done=is_done)
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
