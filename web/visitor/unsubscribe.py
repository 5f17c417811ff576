"""Unsubscribing from an organization's news, and subscribing again: shows on GET, acts on POST, as email programs do
(RFC 8058).
"""

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import tokens
from shared.errors import Missing
from shared.i18n import use_language
from shared.mailings import mailings
from shared.models import Registration
from shared.registrations import registrations
from web import wording
from web.access import VISITOR, Visitor
from web.current import settings
from web.routes import Routes

pages = Routes("unsubscribe", __name__)


@pages.get("/u/<token>", access=VISITOR, endpoint="ask")
def ask(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Show what would be unsubscribed; opening the link, as virus scanners do, changes nothing."""
    return _page(db, _find(db, token), token)


@pages.post("/u/<token>", access=VISITOR, endpoint="unsubscribe")
def unsubscribe(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Send no more news to this contact; twice is the same."""
    registration = _find(db, token)
    mailings.unsubscribe(db, registration=registration)
    return _page(db, registration, token)


@pages.post("/u/<token>/again", access=VISITOR, endpoint="resubscribe")
def resubscribe(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Send news to this contact again; twice is the same."""
    registration = _find(db, token)
    mailings.subscribe_again(db, registration=registration)
    return _page(db, registration, token, is_resubscribed=True)


def _find(db: Session, token: str) -> Registration:
    subject = tokens.verify(settings().secrets, "unsubscribe", token)
    if subject is None:
        raise Missing("registration")
    registration = registrations.find(db, id=subject.id, version=subject.version)
    if registration.contact_key is None:
        raise Missing("registration")
    return registration


def _page(db: Session, registration: Registration, token: str, *, is_resubscribed: bool = False) -> Response:
    event = registration.event
    with use_language(registration.language):
        page = render_template(
            "visitor/unsubscribe.html",
            organizer=wording.said(event.organization.name, event),
            token=token,
            is_unsubscribed=not registrations.wants_news(db, registration=registration),
            is_resubscribed=is_resubscribed,
        )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
