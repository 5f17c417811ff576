"""The recipients of a mailing: the state of each email, and the people to call instead."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from shared import clock, links
from shared import wording as email_wording
from shared.i18n import gettext, use_language
from shared.mailings import audiences
from shared.mailings.audiences import EmailState, UnknownReason
from shared.models import Event, Mailing
from shared.outbox.outcomes import skip_reason
from web.access import ORGANIZER, Member
from web.current import settings
from web.pages import wording
from web.pages.organizer import delivery_faults, event_of, no_store, open_conflicts
from web.pages.organizer.handout import Handout, Message, message
from web.pages.organizer.mailings import wording as mailing_wording
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
    """A person to call: the number if any, the handout to send, the reason, and the address of the person's page."""

    name: str
    phone: str | None
    handout: Handout
    reason: str = ""
    link: str = ""


@pages.get("/people", access=ORGANIZER)
def people(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """List the recipients with the state of their emails; `?state=` shows one state only, `?page=` turns the list."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    name, number = request.args.get("state", ""), page_number()
    state = EmailState(name) if name in list(EmailState) else None
    recipients = audiences.people(db, mailing=mailing, state=state, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/people.html",
        people=recipients[:PAGE],
        has_more=len(recipients) > PAGE,
        number=number,
        state=state,
        states=tuple(EmailState),
        faults=delivery_faults,
        skip_reason=skip_reason,
        **_context(db, by, mailing),
    )


@pages.get("/calls", access=ORGANIZER)
def calls(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """List people whom no email reaches: a number to call and the text to paste; on paper only names and numbers."""
    event, mailing = event_of(by), audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    number = page_number()
    unknown = _unknown_audience(db, mailing, event)
    persons = [] if unknown else audiences.to_call(db, mailing=mailing, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/call_list.html",
        people=[_call(mailing, event, person) for person in persons[:PAGE]],
        back=(address(event.id, mailing.id), email_wording.said(mailing.subject, event)),
        hint=mailing_wording.unknown(unknown) if unknown else gettext("mailing.calls_hint"),
        has_more=len(persons) > PAGE,
        number=number,
        **_context(db, by, mailing),
    )


def _unknown_audience(db: Session, mailing: Mailing, event: Event) -> UnknownReason | None:
    if mailing.started_at:
        return None
    return audiences.unknown_because(db, event=event, name=mailing.audience, at=clock.now())


def _call(mailing: Mailing, event: Event, person: RowMapping) -> Call:
    link = f"/organize/events/{event.id}/people/{person['id']}/"
    return Call(person["name"], person["phone"], Handout(_message_to(mailing, event, person)), link=link)


def _message_to(mailing: Mailing, event: Event, person: RowMapping) -> Message:
    """Return the mailing as a message to one person, in the person's language."""
    with use_language(person["language"]):
        texts = email_wording.mailing(mailing, event, person["name"])
    link = links.absolute(settings().base_url, links.event(person["language"], event.slug))
    text = f"{texts['headline']}\n\n{texts['lines']}\n"
    return message(text, link, language=person["language"], phone=person["phone"])


def _context(db: Session, by: Member, mailing: Mailing) -> dict[str, Any]:
    event = event_of(by)
    return {
        "by": by,
        "event": event,
        "mailing": mailing,
        "base": address(event.id, mailing.id),
        "wording": wording,
        "mailing_wording": mailing_wording,
        "open_conflicts": open_conflicts(db, by),
    }
