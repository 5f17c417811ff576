"""Registration for an event, or for its waiting list."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.errors import Crowded, DomainError, Full, Invalid, Missing
from shared.events import channels, events
from shared.i18n import deferred, format_number, gettext, is_blank, ngettext
from shared.models import Event, Registration, RegistrationState
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration, Outcome
from web import form_tokens, ticket_cookie, wording
from web.access import VISITOR, Visitor
from web.current import KeptEvent, resources, settings
from web.forms import FormError
from web.forms.registration import COMPANION_FIELDS, SENTENCES, RegistrationForm, all_typed, consent_sentence
from web.forms.typed import Typed
from web.routes import Routes
from web.security_events import SecurityEvent, note
from web.visitor import registration_limits
from web.visitor.events import SOURCE_LIMIT, kept_event, refused_page
from web.visitor.registration_form import asks

LONGEST_DEADLINE_SECONDS = 86_400
REFUSED_AT = {"ticket_type": SENTENCES["ticket_type"], "email": SENTENCES["email_missing"]}

CROWDED = {
    "crowded": deferred("registration.crowded_error"),
    "crowded_line": deferred("registration.crowded_list_error"),
    "crowded_line_phone": deferred("registration.crowded_list_phone_error"),
}
"""Why no seat is held beyond a network's share, and what to do."""

BY_PHONE = "?by=phone"

pages = Routes("registration", __name__)


class Untimely(Invalid):
    """A form came back sooner than people read, or a day after its page was sent; the sentence says which."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__("once", "untimely")


def refused(db: Session, by: Visitor, lang: str, slug: str, error: DomainError) -> ResponseReturnValue:
    """Show the event's page again, with the submitted values and the available actions."""
    if isinstance(error, Missing):
        raise error
    kept = _as_refused(db, slug, error)
    return refused_page(kept, _typed(kept.event, error), source=_source(), once=_reusable_token(error))


def _as_refused(db: Session, slug: str, error: DomainError) -> KeptEvent:
    """Return the event as it refused: as it is kept if the form alone was wrong, or if it was full by then; else as it
    is, for what is kept would offer what there is no more.
    """
    kept = kept_event(slug)
    is_full = isinstance(error, Full) and kept.event.seats_left(kept.event.ticket_types) == 0
    return kept if is_full or isinstance(error, FormError | Untimely) else KeptEvent(events.find(db, slug=slug))


def register_at_once(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue | None:
    """Register in one statement a visitor with whom nothing is unusual; None if there may be."""
    event = kept_event(slug).event
    form = _read(event)
    if form.trapped or registration_limits.is_beyond_share(event, form.ticket_type):
        return None
    _check_time()
    new_registration = _new_registration(form, lang, event)
    outcome = self_service.register_at_once(db, event=event, new_registration=new_registration)
    if outcome is None:
        return None
    if outcome.took_last:
        # The next visitor of this process is offered the waiting list, and not a seat that is gone.
        resources().events.forget(slug)
    return _answer(outcome, form, event, lang)


@pages.post(
    "/<lang>/e/<slug>/registrations",
    access=VISITOR,
    refused=refused,
    limits=registration_limits.LIMITS,
    at_once=register_at_once,
)
def register(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """Register: the first response is the registration's page; a repeated one reveals nothing and sends the ticket
    again.
    """
    event = events.form(db, slug=slug)
    form = _read(event)
    if form.trapped:
        return redirect(_sent(form, lang, slug), 303)
    _check_time()
    beyond_share = registration_limits.is_beyond_share(event, form.ticket_type)
    new_registration = _new_registration(form, lang, event)
    code = new_registration.source
    if code and not channels.lock_channel(db, code=code, event_id=event.id):
        new_registration = replace(new_registration, source=None)
    outcome = self_service.register(db, slug=slug, new_registration=new_registration, beyond_share=beyond_share)
    if beyond_share and outcome.registration.held:
        note(SecurityEvent.REGISTRATION_HELD, event_id=event.id)
    return _answer(outcome, form, event, lang)


def _read(event: Event) -> RegistrationForm:
    """Return the valid form. Raises FormError."""
    ticket_types = [ticket_type.id for ticket_type in event.ticket_types]
    return RegistrationForm.parse(request.form, asks=asks(event), questions=event.questions, ticket_types=ticket_types)


def _answer(outcome: Outcome, form: RegistrationForm, event: Event, lang: str) -> Response:
    answer = make_response(redirect(_next_address(outcome, form, lang, event.slug), 303))
    if outcome.is_new and not _confirms_by_email(outcome.registration):
        ticket_cookie.remember(answer, request, outcome.registration, event)
    return answer


@pages.get("/<lang>/e/<slug>/sent", access=VISITOR)
def sent(db: Session, by: Visitor, lang: str, slug: str) -> ResponseReturnValue:
    """Answer a repeated registration, or one that is confirmed by email: the same for everyone, without a name.

    `?until=` is the second until which a seat is held beyond a network's share, `?waits=1` asks to confirm joining the
    waiting list: both only repeat what the email says. `?by=phone` is for a form without an email address.
    """
    event = events.find(db, slug=slug)
    until, waits, by_phone = _until(), "waits" in request.args, request.args.get("by") == "phone"
    query = BY_PHONE if by_phone else _asks_to_confirm(until) if until or waits else ""
    alternates = {code: f"{links.sent(code, slug)}{query}" for code in LANGUAGES}
    values = {"event": event, "alternates": alternates, "until": until, "waits": waits, "by_phone": by_phone}
    answer = make_response(render_template("visitor/sent.html", wording=wording, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check_time() -> None:
    """Raise Untimely. Where limits are off, as in tests and load runs, robots are welcome."""
    fault = form_tokens.timing_error(settings().secrets, request.form.get("once", "")) if resources().limiter.on else ""
    if fault:
        raise Untimely(fault)


def _reusable_token(error: DomainError) -> str:
    """Return the token of a form that came back in time and found no seats: the remaining choice is a single press,
    which needs no two seconds. Empty after any other refusal.
    """
    once = request.form.get("once", "")
    is_in_time = isinstance(error, Full | Crowded) and form_tokens.issued_at(settings().secrets, once)
    return once if is_in_time else ""


def _until() -> datetime | None:
    """Return the moment in the address, while it is of any use."""
    until, now = request.args.get("until", 0, int), clock.now()
    if abs(until - int(now.timestamp())) > LONGEST_DEADLINE_SECONDS:
        return None
    return datetime.fromtimestamp(until, now.tzinfo)


def _asks_to_confirm(until: datetime | None) -> str:
    """Return the query of `sent`: until when the seat is held, or that it is about the waiting list."""
    return f"?until={int(until.timestamp())}" if until else "?waits=1"


def _confirms_by_email(registration: Registration) -> bool:
    """Return whether the response must not open the registration: only the link in the email shows that the address is
    real.
    """
    return registration.held and registration.email is not None


def _source() -> str:
    return request.form.get("source", "").replace("\0", "")[:SOURCE_LIMIT]


def _new_registration(form: RegistrationForm, lang: str, event: Event) -> NewRegistration:
    organizer = wording.said(event.organization.name, event)
    return NewRegistration(
        name=form.name,
        language=lang,
        email=form.email,
        phone=form.phone,
        ticket_type_id=form.ticket_type,
        companions=form.companions,
        once=form.once,
        consent=form.consent,
        consent_wording=consent_sentence(organizer) if form.consent else None,
        answers=form.answers,
        source=_source() or None,
        wait=form.wait,
    )


def _sent(form: RegistrationForm, lang: str, slug: str) -> str:
    """Return the page of a form whose response reveals to no one who is registered; it depends on the form alone."""
    return f"{links.sent(lang, slug)}{'' if form.email else BY_PHONE}"


def _next_address(outcome: Outcome, form: RegistrationForm, lang: str, slug: str) -> str:
    if not outcome.is_new:
        return _sent(form, lang, slug)
    registration = outcome.registration
    if registration.state == RegistrationState.CANCELLED and not registration.joins_until():
        # The same form was sent again after its seat had expired.
        return _sent(form, lang, slug)
    if _confirms_by_email(registration):
        return f"{links.sent(lang, slug)}{_asks_to_confirm(registration.deadline)}"
    return links.registration(lang, ticket_cookie.own_token(registration))


def _typed(event: Event, error: DomainError) -> Typed:
    if isinstance(error, FormError):
        return Typed(error.values, error.errors)
    values = all_typed(request.form, event.questions)
    if isinstance(error, Untimely):
        return Typed(values, refusal=error.sentence)
    if isinstance(error, Invalid) and error.field == "companions":
        return Typed(values, _too_many(values, **error.numbers))
    if isinstance(error, Invalid):
        return Typed(values, {error.field: gettext(REFUSED_AT[error.field])})
    if isinstance(error, Crowded):
        reason = f"{error.reason}_phone" if error.reason == "crowded_line" and asks(event) == "phone" else error.reason
        return Typed(values, refusal=gettext(CROWDED[reason]), may_wait=error.reason != "crowded")
    if isinstance(error, Full):
        return _without_seats(event, values, may_wait=error.may_wait)
    return Typed(values, refusal=gettext("registration.not_open_error"))


def _without_seats(event: Event, values: Mapping[str, str], *, may_wait: bool) -> Typed:
    """Return the submitted values of a group that does not fit; if part of it would, with the number of seats."""
    chosen = [
        ticket_type for ticket_type in event.ticket_types if values.get("ticket_type") in {"", str(ticket_type.id)}
    ]
    left, group = event.seats_left(chosen) or 0, 1 + len(_guests(values))
    if not 0 < left < group:
        refusal = gettext("registration.full_error")
        return Typed(values, refusal=refusal, may_wait=may_wait)
    refusal = ngettext(
        "registration.group_too_large_error",
        left,
        seats=format_number(left),
        group=format_number(group),
    )
    return Typed(values, refusal=refusal, may_wait=may_wait, group_seats=left)


def _guests(values: Mapping[str, str]) -> list[str]:
    """Return the fields of the named guests."""
    return [name for name in COMPANION_FIELDS if not is_blank(values.get(name, ""))]


def _too_many(values: Mapping[str, str], room: int) -> dict[str, str]:
    """Return the error of a group larger than the number of seats, at the first guest without a seat."""
    guests = _guests(values)
    if room == 1:
        return {guests[0]: gettext("registration.one_seat_error")}
    sentence = ngettext(
        "registration.guests_too_many_error",
        room - 1,
        guests=format_number(room - 1),
    )
    return {guests[room - 1]: sentence}
