"""One's own registration, for whoever holds its link: what it is, and every act on it. Links show, forms act.

An act answers 303 to the page with one of the words of SAID in its address, so that a reload repeats nothing.
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
from shared.i18n import deferred, gettext
from shared.models import Question, Registration
from shared.operations import registrations, seat_holds
from shared.papers.calendar import ics
from shared.queries import events
from shared.queries import registrations as kept
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

SAID = {
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

WORDS = {"lapsed": "late", "organizer_confirms": "organizer"}
"""What is said of a conflict, by its reason."""

PAUSES = {10: 2, 60: 5, 600: 15}
"""Seconds after which a page without a script looks for its codes again, by the age of its ticket in seconds."""

pages = Routes("own", __name__)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of one's party, and where that person's own page is."""

    registration: Registration
    address: str


def refused(db: Session, by: Visitor, lang: str, token: str, error: DomainError) -> ResponseReturnValue:
    """The page again with the fault at its field, or with a sentence about what stood in the way."""
    if isinstance(error, Missing):
        raise error
    if isinstance(error, FormError):
        return _page(db, _open(db, token), token, Typed(error.values, error.errors))
    return _back(lang, token, _word(error))


@pages.get("/<lang>/r/<token>", access=VISITOR)
def own(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """What happens next, the tickets, and what can be changed."""
    registration = _open(db, token)
    answer = _page(db, registration, token)
    if registration.is_live:
        ticket_cookie.remember(answer, request, registration, registration.event)
    return answer


@pages.get("/<lang>/r/<token>/event.ics", access=VISITOR)
def own_calendar(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """The parts that the ticket admits to for one's own calendar, as the email with the ticket has them; tentative
    while there is no place yet. Raises Missing for an event whose day is not known.
    """
    registration = _open(db, token)
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
    """Give a place back: one's own, or that of the companion whom `member` names."""
    member = _member(db, _acting(db, token))
    if member.is_live:
        registrations.cancel(db, registration_id=member.id, by="self")
    return _back(lang, token, "cancelled")


@pages.post("/<lang>/r/<token>/edit", access=VISITOR, refused=refused, limits=(ACTS,))
def edit(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Correct the name and the answers."""
    registration = _acting(db, token)
    questions = _questions(registration)
    name, answered = parse_change(request.form, questions, kept=registration.name)
    replaced = {question.key for question in questions}
    others = {key: answer for key, answer in registration.answers.items() if key not in replaced}
    registrations.edit(db, registration=registration, name=name, answers=others | answered)
    return _back(lang, token, "edited")


@pages.post("/<lang>/r/<token>/again", access=VISITOR, refused=refused, limits=(ACTS,))
def again(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Have the ticket, or whatever was mailed last, sent again."""
    is_sent = bool(registrations.send_again(db, people=[_open(db, token)]))
    return _back(lang, token, "again" if is_sent else "rested")


@pages.post("/<lang>/r/<token>/move", access=VISITOR, refused=refused, limits=(ACTS,))
def move(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Take another kind of ticket, if it has a seat."""
    registration, wanted = _acting(db, token), request.form.get("ticket_type", "")
    known = {str(kind.id): kind.id for kind in registration.event.ticket_types}
    if wanted not in known:
        raise Invalid("ticket_type")
    registrations.move(db, registration=registration, ticket_type_id=known[wanted])
    return _back(lang, token, "moved")


@pages.post("/<lang>/r/<token>/language", access=VISITOR, refused=refused, limits=(ACTS,))
def language(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Be written to in another language."""
    registration, wanted = _open(db, token), request.form.get("language", "")
    if wanted not in LANGUAGES:
        raise Invalid("language")
    registrations.set_language(db, registration=registration, language=wanted)
    return _back(wanted, token, "language")


@pages.post("/<lang>/r/<token>/confirm", access=VISITOR, refused=refused, limits=(ACTS,))
def confirm(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Confirm what was signed up by mail, with one's companions."""
    return _confirm(db, lang, token)


@pages.post("/<lang>/r/<token>/accept", access=VISITOR, refused=refused, limits=(ACTS,))
def accept(db: Session, by: Visitor, lang: str, token: str) -> ResponseReturnValue:
    """Take the seat that is offered."""
    return _confirm(db, lang, token)


def _confirm(db: Session, lang: str, token: str) -> ResponseReturnValue:
    registration = _acting(db, token)
    may_join = registration.joins_until()
    registrations.confirm(db, registration=registration)
    if may_join and registration.state == "waiting":
        return _back(lang, token, "joined")
    if registration.state != "confirmed":
        raise Conflicting("lapsed")
    return _back(lang, token, "confirmed")


def _open(db: Session, token: str) -> Registration:
    subject = tokens.verify(settings().secrets, "registration", token)
    if subject is None:
        raise Missing("registration")
    return kept.find(db, id=subject.id, version=subject.version)


def _acting(db: Session, token: str) -> Registration:
    """One's own registration, to act on. Raises Missing, and NotOpen once it is only history."""
    registration = _open(db, token)
    if registration.event.is_over(clock.now()) or registration.event.state == "cancelled":
        raise NotOpen
    return registration


def _member(db: Session, registration: Registration) -> Registration:
    """Whom of one's party an act is about. Raises Missing for anybody else."""
    named = request.form.get("member", str(registration.id))
    party = (registration, *kept.companions(db, host=registration))
    found = next((one for one in party if str(one.id) == named), None)
    if found is None:
        raise Missing("registration")
    return found


def _questions(registration: Registration) -> list[Question]:
    """What this person is asked: a companion nothing but the name."""
    if registration.host_id:
        return []
    return answers.asked(registration.event.questions, registration.ticket_type_id)


def _word(error: DomainError) -> str:
    if isinstance(error, Full):
        return "full"
    if isinstance(error, NotOpen):
        return "over"
    return WORDS.get(error.reason, "changed")


def _back(lang: str, token: str, word: str) -> Response:
    return make_response(redirect(f"{links.registration(lang, token)}?said={word}", 303))


def _page(db: Session, registration: Registration, token: str, typed: Typed | None = None) -> Response:
    companions = kept.companions(db, host=registration)
    tickets = [one for one in (registration, *companions) if one.state == "confirmed"]
    now, event = clock.now(), registration.event
    events.load_sessions_of_ticket_types(db, event=event)
    answer = make_response(
        render_template(
            "registration/own.html",
            registration=registration,
            event=event,
            token=token,
            companions=[Member(one, _address(one)) for one in companions],
            tickets=tickets,
            is_waiting_for_codes=any(ticket.qr is None for ticket in tickets),
            pause=_pause(tickets, now) if typed is None else 0,
            is_over=event.is_over(now),
            joins_until=_joins_until(registration, now),
            is_organizers=seat_holds.awaits_organizer(db, registration),
            reach=kept.reach(db, registration=registration) if registration.is_live else kept.Reach(),
            refused_news=_refused_news(db, registration),
            in_line=kept.waiting_position(db, registration=registration) if registration.state == "waiting" else 0,
            message=gettext(SAID.get(request.args.get("said", ""), "")),
            alternates={code: links.registration(code, token) for code in LANGUAGES},
            share=links.absolute(settings().base_url, links.event(registration.language, event.slug)),
            cloth=covers.banner(event),
            wording=wording,
            **_changes(registration, typed),
        )
    )
    # Not no-referrer: browsers then send `Origin: null` with a form, which older ones leave nothing to tell apart by.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _joins_until(registration: Registration, now: datetime) -> datetime | None:
    """Until when one can say that one waits, while the event still lets people wait."""
    until, event = registration.joins_until(), registration.event
    is_possible = until and until > now and event.may_wait(now) and not event.closed_reason(now)
    return until if is_possible else None


def _pause(tickets: Sequence[Registration], now: datetime) -> int:
    """Until a page without a script loads itself again, by how long its ticket is there; 0: not any more."""
    confirmed = max((ticket.confirmed_at for ticket in tickets if ticket.confirmed_at), default=now)
    return next((pause for age, pause in PAUSES.items() if now - confirmed < timedelta(seconds=age)), 0)


def _refused_news(db: Session, registration: Registration) -> str:
    """Where news that were refused can be had again."""
    if kept.wants_news(db, registration=registration):
        return ""
    token = tokens.make(settings().secrets[0], "unsubscribe", id=registration.id, version=registration.version)
    return links.unsubscribe(token)


def _changes(registration: Registration, typed: Typed | None) -> dict[str, Any]:
    """What the forms of the page need: the kinds of ticket to move to, the questions, and what stands in the fields."""
    event, now, questions = registration.event, clock.now(), _questions(registration)
    given = {answers.field_of(one): answers.written(one, registration.answers.get(one.key)) for one in questions}
    kinds = [kind for kind in event.ticket_types if kind.id != registration.ticket_type_id]
    return {
        "typed": typed or Typed({"name": registration.name, **given}),
        "questions": form.asked(event, questions),
        "kinds": [kind for kind in kinds if wording.choosable(kind, now)],
    }


def _address(registration: Registration) -> str:
    return links.registration(registration.language, ticket_cookie.own_token(registration))
