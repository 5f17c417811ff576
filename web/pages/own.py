"""The page of a registration, for anyone who has its link, and every action on it. Links show, forms act.

An action answers 303 to the page with one of the keys of MESSAGES in its address, so that a reload repeats nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.config import LANGUAGES
from shared.errors import Conflicting, DomainError, Full, Invalid, Missing, NotOpen
from shared.events import events
from shared.i18n import deferred, gettext
from shared.models import CancelledBy, EventState, Question, Registration, RegistrationState
from shared.papers.calendar import ics
from shared.registrations import registrations, seat_holds, self_service
from shared.wording import calendar_entries, is_on_calendars
from web import ticket_cookie
from web.access import VISITOR, Visitor, network
from web.current import settings
from web.forms import FormError, answers
from web.forms.registration import parse_change
from web.limits import Limit
from web.pages import covers, form, wording
from web.pages.form import Typed
from web.routes import Routes

ACTS = Limit("own-act", count=600, seconds=600, key=network)

MESSAGES = {
    "cancelled": deferred("own.cancelled_message"),
    "edited": deferred("own.saved_message"),
    "again": deferred("own.resent_message"),
    "rested": deferred("own.resent_recently_message"),
    "moved": deferred("own.ticket_type_changed_message"),
    "language": deferred("own.language_changed_message"),
    "confirmed": deferred("own.confirmed_message"),
    "joined": deferred("own.joined_message"),
    "full": deferred("own.type_full_message"),
    "late": deferred("own.too_late_message"),
    "organizer": deferred("own.organizer_confirms_message"),
    "over": deferred("own.over_message"),
    "changed": deferred("own.changed_message"),
}

CONFLICT_MESSAGES = {"lapsed": "late", "organizer_confirms": "organizer"}
"""The message about a conflict, by its reason."""

RELOAD_SECONDS = {10: 2, 60: 5, 600: 15}
"""Seconds after which a page without a script reloads to look for its codes, by the age of its ticket in seconds."""

pages = Routes("own", __name__)


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A guest of the group, and the address of the guest's own page."""

    registration: Registration
    address: str


def refused(db: Session, by: Visitor, lang: str, token: str, error: DomainError) -> ResponseReturnValue:
    """Show the page with an error at its field, or with a message on what prevented the action."""
    if isinstance(error, Missing):
        raise error
    if isinstance(error, FormError):
        return _page(db, _find(db, token), token, Typed(error.values, error.errors))
    return _redirect(lang, token, _message(error))


@pages.get("/<lang>/r/<token>", access=VISITOR)
def own(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Show what happens next, the tickets, and what can be changed."""
    registration = _find(db, token)
    answer = _page(db, registration, token)
    if registration.is_live:
        ticket_cookie.remember(answer, request, registration, registration.event)
    return answer


@pages.get("/<lang>/r/<token>/event.ics", access=VISITOR)
def own_calendar(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Return the ticket's sessions for the attendee's calendar, as in the email with the ticket; tentative while there
    is no seat yet. Raises Missing for an event whose day is not known.
    """
    registration = _find(db, token)
    base_url, event = settings().base_url, registration.event
    if not is_on_calendars(event):
        raise Missing("day")
    link = links.absolute(base_url, links.registration(lang, token))
    file = ics(calendar_entries(registration, event, base_url, link))
    answer = Response(file, mimetype="text/calendar")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.set("Content-Disposition", "attachment", filename="event.ics")
    return answer


@pages.post("/<lang>/r/<token>/cancel", access=VISITOR, refused=refused, limits=(ACTS,))
def cancel(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Cancel the registration, or that of the guest whom `member` names."""
    member = _member(db, _find_open(db, token))
    if member.is_live:
        self_service.cancel(db, registration_id=member.id, by=CancelledBy.SELF)
    return _redirect(lang, token, "cancelled")


@pages.post("/<lang>/r/<token>/edit", access=VISITOR, refused=refused, limits=(ACTS,))
def edit(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Change the name and the answers."""
    registration = _find_open(db, token)
    questions = _questions(registration)
    name, answered = parse_change(request.form, questions, current=registration.name)
    asked_keys = {question.key for question in questions}
    others = {key: answer for key, answer in registration.answers.items() if key not in asked_keys}
    self_service.edit(db, registration=registration, name=name, answers=others | answered)
    return _redirect(lang, token, "edited")


@pages.post("/<lang>/r/<token>/again", access=VISITOR, refused=refused, limits=(ACTS,))
def resend(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Send the ticket, or the last email, again."""
    is_sent = bool(self_service.send_again(db, people=[_find(db, token)]))
    return _redirect(lang, token, "again" if is_sent else "rested")


@pages.post("/<lang>/r/<token>/move", access=VISITOR, refused=refused, limits=(ACTS,))
def move(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Change the ticket type, if it has a seat."""
    registration, choice = _find_open(db, token), request.form.get("ticket_type", "")
    known = {str(ticket_type.id): ticket_type.id for ticket_type in registration.event.ticket_types}
    if choice not in known:
        raise Invalid("ticket_type")
    self_service.move(db, registration=registration, ticket_type_id=known[choice])
    return _redirect(lang, token, "moved")


@pages.post("/<lang>/r/<token>/language", access=VISITOR, refused=refused, limits=(ACTS,))
def language(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Change the language of emails."""
    registration, choice = _find(db, token), request.form.get("language", "")
    if choice not in LANGUAGES:
        raise Invalid("language")
    self_service.set_language(db, registration=registration, language=choice)
    return _redirect(choice, token, "language")


@pages.post("/<lang>/r/<token>/confirm", access=VISITOR, refused=refused, limits=(ACTS,))
def confirm(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Confirm a registration by the link in the email, with its guests."""
    return _confirm(db, lang, token)


@pages.post("/<lang>/r/<token>/accept", access=VISITOR, refused=refused, limits=(ACTS,))
def accept(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Accept the seat that is offered."""
    return _confirm(db, lang, token)


def _confirm(db: Session, lang: str, token: str) -> ResponseReturnValue:
    registration = _find_open(db, token)
    may_join = registration.joins_until()
    self_service.confirm(db, registration=registration)
    if may_join and registration.state == RegistrationState.WAITING:
        return _redirect(lang, token, "joined")
    if registration.state != RegistrationState.CONFIRMED:
        raise Conflicting("lapsed")
    return _redirect(lang, token, "confirmed")


def _find(db: Session, token: str) -> Registration:
    subject = tokens.verify(settings().secrets, "registration", token)
    if subject is None:
        raise Missing("registration")
    return registrations.find(db, id=subject.id, version=subject.version)


def _find_open(db: Session, token: str) -> Registration:
    """Return the registration, to act on. Raises Missing, and NotOpen once the event is over or cancelled."""
    registration = _find(db, token)
    if registration.event.is_over(clock.now()) or registration.event.state == EventState.CANCELLED:
        raise NotOpen
    return registration


def _member(db: Session, registration: Registration) -> Registration:
    """Return the member of the group whom an action is about. Raises Missing for anyone else."""
    member_id = request.form.get("member", str(registration.id))
    party = (registration, *registrations.companions(db, host=registration))
    member = next((member for member in party if str(member.id) == member_id), None)
    if member is None:
        raise Missing("registration")
    return member


def _questions(registration: Registration) -> list[Question]:
    """Return the questions for this attendee: none for a guest."""
    if registration.host_id:
        return []
    return answers.questions_for(registration.event.questions, registration.ticket_type_id)


def _message(error: DomainError) -> str:
    if isinstance(error, Full):
        return "full"
    if isinstance(error, NotOpen):
        return "over"
    return CONFLICT_MESSAGES.get(error.reason, "changed")


def _redirect(lang: str, token: str, message: str) -> Response:
    return make_response(redirect(f"{links.registration(lang, token)}?said={message}", 303))


def _page(db: Session, registration: Registration, token: str, typed: Typed | None = None) -> Response:
    companions = registrations.companions(db, host=registration)
    tickets = [each for each in (registration, *companions) if each.state == RegistrationState.CONFIRMED]
    now, event = clock.now(), registration.event
    events.load_sessions_of_ticket_types(db, event=event)
    answer = make_response(
        render_template(
            "registration/own.html",
            registration=registration,
            event=event,
            token=token,
            companions=[GroupMember(guest, _address(guest)) for guest in companions],
            tickets=tickets,
            is_waiting_for_codes=any(ticket.qr is None for ticket in tickets),
            reload_seconds=_reload_seconds(tickets, now) if typed is None else 0,
            is_over=event.is_over(now),
            joins_until=_joins_until(registration, now),
            awaits_organizer=seat_holds.awaits_organizer(db, registration),
            reach=registrations.reach(db, registration=registration) if registration.is_live else registrations.Reach(),
            resubscribe_link=_resubscribe_link(db, registration),
            waiting_position=registrations.waiting_position(db, registration=registration)
            if registration.state == RegistrationState.WAITING
            else 0,
            message=gettext(MESSAGES.get(request.args.get("said", ""), "")),
            alternates={code: links.registration(code, token) for code in LANGUAGES},
            share=links.absolute(settings().base_url, links.event(registration.language, event.slug)),
            cloth=covers.banner(event),
            wording=wording,
            **_changes(registration, typed),
        )
    )
    # Not no-referrer: browsers then send `Origin: null` with a form, and older ones nothing else that shows its site.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _joins_until(registration: Registration, now: datetime) -> datetime | None:
    """Return until when joining the waiting list can be confirmed, while the event has one."""
    until, event = registration.joins_until(), registration.event
    is_possible = until and until > now and event.may_wait(now) and not event.closed_reason(now)
    return until if is_possible else None


def _reload_seconds(tickets: Sequence[Registration], now: datetime) -> int:
    """Return when a page without a script reloads, by the age of its ticket; 0: not at all."""
    confirmed = max((ticket.confirmed_at for ticket in tickets if ticket.confirmed_at), default=now)
    return next(
        (reload_seconds for age, reload_seconds in RELOAD_SECONDS.items() if now - confirmed < timedelta(seconds=age)),
        0,
    )


def _resubscribe_link(db: Session, registration: Registration) -> str:
    """Return the link to subscribe again, if news is unsubscribed."""
    if registrations.wants_news(db, registration=registration):
        return ""
    token = tokens.make(settings().secrets[0], "unsubscribe", id=registration.id, version=registration.version)
    return links.unsubscribe(token)


def _changes(registration: Registration, typed: Typed | None) -> dict[str, Any]:
    """Return the context of the page's forms: the ticket types to change to, the questions, and the values
    of fields.
    """
    event, now, questions = registration.event, clock.now(), _questions(registration)
    stored = {answers.field_of(each): answers.written(each, registration.answers.get(each.key)) for each in questions}
    ticket_types = [ticket_type for ticket_type in event.ticket_types if ticket_type.id != registration.ticket_type_id]
    return {
        "typed": typed or Typed({"name": registration.name, **stored}),
        "questions": form.question_fields(event, questions),
        "ticket_types": [each for each in ticket_types if wording.is_choosable(each, now)],
    }


def _address(registration: Registration) -> str:
    return links.registration(registration.language, ticket_cookie.own_token(registration))
