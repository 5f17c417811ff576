"""Signing up, and the page of one's own registration."""

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.config import LANGUAGES
from shared.errors import DomainError, Full, Invalid, Missing
from shared.i18n import gettext
from shared.operations import registrations
from shared.operations.registrations import Outcome, SignUp
from shared.queries import events
from shared.queries import registrations as kept
from web.access import VISITOR, Visitor, network
from web.current import settings
from web.forms import FormError
from web.forms.registration import SENTENCES, RegistrationForm
from web.limits import Limit
from web.pages import cloths, wording
from web.pages.public import Typed, event_page
from web.routes import Routes

SIGN_UPS = Limit("sign-up", count=3000, seconds=600, key=network)
"""Generous: a whole hall may sign up through one address."""

NO_SUCH_KIND = SENTENCES["ticket_type"]

pages = Routes("registration", __name__)


def refused(db: Session, by: Visitor, lang: str, slug: str, error: DomainError) -> ResponseReturnValue:
    """The event's page again, with what was typed and what can be done."""
    if isinstance(error, Missing):
        raise error
    return event_page(events.find(db, slug=slug), _typed(error))


@pages.post("/<lang>/e/<slug>/registrations", access=VISITOR, refused=refused, limit=SIGN_UPS)
def register(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """Take a place: the first answer is one's own page, a second sign-up learns nothing and gets its ticket sent."""
    form = RegistrationForm.parse(request.form, asks=events.asks(db, slug=slug))
    if form.trapped:
        return redirect(links.sent(lang, slug), 303)
    outcome = registrations.register(db, slug=slug, sign_up=_sign_up(form, lang))
    return redirect(_after(outcome, lang, slug), 303)


@pages.get("/<lang>/e/<slug>/sent", access=VISITOR)
def sent(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """What a second sign-up is answered with: the same for everybody, no name, no ticket."""
    event = events.find(db, slug=slug)
    alternates = {code: links.sent(code, slug) for code in LANGUAGES}
    answer = make_response(render_template("registration/sent.html", event=event, alternates=alternates))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/<lang>/r/<token>", access=VISITOR)
def own(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """One's own registration, for whoever holds the token: what happens next, and the tickets."""
    subject = tokens.verify(settings().secrets, "registration", token)
    if subject is None:
        raise Missing("registration")
    registration = kept.find(db, id=subject.id, version=subject.version)
    tickets = [one for one in (registration, *kept.companions(db, host=registration)) if one.state == "confirmed"]
    page = render_template(
        "registration/own.html",
        registration=registration,
        event=registration.event,
        tickets=tickets,
        is_waiting_for_codes=any(ticket.qr is None for ticket in tickets),
        is_over=registration.event.is_over(clock.now()),
        alternates={code: links.registration(code, token) for code in LANGUAGES},
        cloth=cloths.strip(registration.event.slug),
        wording=wording,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _sign_up(form: RegistrationForm, lang: str) -> SignUp:
    return SignUp(
        name=form.name,
        language=lang,
        email=form.email,
        phone=form.phone,
        ticket_type_id=form.ticket_type,
        companions=form.companions,
        once=form.once,
        consent=form.consent,
    )


def _after(outcome: Outcome, lang: str, slug: str) -> str:
    if not outcome.first:
        return links.sent(lang, slug)
    registration = outcome.registration
    token = tokens.make(settings().secrets[0], "registration", id=registration.id, version=registration.version)
    return links.registration(lang, token)


def _typed(error: DomainError) -> Typed:
    if isinstance(error, FormError):
        return Typed(error.values, error.errors)
    if isinstance(error, Invalid):
        return Typed(request.form, {error.field: gettext(NO_SUCH_KIND)})
    if isinstance(error, Full):
        refusal = gettext("There are not enough free seats for you any more. Nothing is written down.")
    else:
        refusal = gettext("Registration is not open now. Nothing is written down.")
    return Typed(request.form, refusal=refusal)
