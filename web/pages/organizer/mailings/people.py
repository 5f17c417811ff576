"""What became of each person's mail, and whom to call instead."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from shared import clock, links
from shared import wording as mail_wording
from shared.i18n import gettext, use_language
from shared.models import Event, Mailing
from shared.queries import mailings
from shared.queries.mailings import STATES
from web.access import ORGANIZER, Member
from web.current import settings
from web.pages import wording
from web.pages.organizer import delivery_faults, event_of, no_store, open_conflicts
from web.pages.organizer.handout import Handout, Message, message
from web.pages.organizer.mailings import wording as words
from web.pages.organizer.mailings.page import address
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes(
    "organizer_mailing_people", __name__, url_prefix="/organize/events/<int:event_id>/mailings/<int:mailing_id>"
)
pages.after_request(no_store)

PAGE = 50


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call: the number if any, what to send them, why, and where their page is."""

    name: str
    phone: str | None
    handout: Handout
    why: str = ""
    link: str = ""


@pages.get("/people", access=ORGANIZER)
def people(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Each person's mail; `?state=` shows one state only, `?page=` turns the list."""
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    state = request.args.get("state", "")
    state, number = state if state in STATES else "", page_number()
    found = mailings.people(db, mailing=one, state=state, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/people.html",
        people=found[:PAGE],
        has_more=len(found) > PAGE,
        number=number,
        state=state,
        states=STATES,
        faults=delivery_faults,
        **_context(db, by, one),
    )


@pages.get("/calls", access=ORGANIZER)
def calls(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Whom no mail reaches: a number to call, and the text to paste; on paper a list of names and numbers."""
    event, one = event_of(by), mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    number = page_number()
    why = None if one.started_at else mailings.unknown_because(db, event=event, name=one.audience, at=clock.now())
    found = [] if why else mailings.to_call(db, mailing=one, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/calls.html",
        people=[_call(one, event, person) for person in found[:PAGE]],
        back=(address(event.id, one.id), mail_wording.said(one.subject, event)),
        explained=words.unknown(why) if why else gettext("mailing.calls_hint"),
        has_more=len(found) > PAGE,
        number=number,
        **_context(db, by, one),
    )


def _call(one: Mailing, event: Event, person: RowMapping) -> Call:
    link = f"/organize/events/{event.id}/people/{person['id']}/"
    return Call(person["name"], person["phone"], Handout(_text(one, event, person)), link=link)


def _text(one: Mailing, event: Event, person: RowMapping) -> Message:
    """The mailing as a message to one person, in the person's language."""
    with use_language(person["language"]):
        spoken = mail_wording.mailing(one, event, person["name"])
    link = links.absolute(settings().base_url, links.event(person["language"], event.slug))
    text = f"{spoken['headline']}\n\n{spoken['lines']}\n"
    return message(text, link, language=person["language"], phone=person["phone"])


def _context(db: Session, by: Member, one: Mailing) -> dict[str, Any]:
    event = event_of(by)
    return {
        "by": by,
        "event": event,
        "mailing": one,
        "base": address(event.id, one.id),
        "wording": wording,
        "mailing_wording": words,
        "open_conflicts": open_conflicts(db, by),
    }
