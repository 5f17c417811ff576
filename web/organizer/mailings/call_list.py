"""People whom no email reached with important news: a number to call, and a message for each."""

from collections.abc import Iterator

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared import wording as email_wording
from shared.i18n import gettext, use_language
from shared.mailings import call_list
from shared.mailings.call_list import Unreached
from shared.models import Event, EventState
from shared.outbox.kinds import MessageKind
from shared.outbox.outcomes import SkipReason
from web.access import ORGANIZER, Member
from web.current import settings
from web.organizer import delivery_faults
from web.organizer.mailings.mailing import address
from web.organizer.mailings.recipients import PAGE, Call
from web.organizer.people import handout
from web.organizer.routes import OrganizerRoutes, event_of
from web.organizer.status import texts as status_wording
from web.paging import page_number

pages = OrganizerRoutes(
    "organizer_unreached", __name__, url_prefix="/organize/events/<int:event_id>/mailings/unreached"
)


@pages.get("", access=ORGANIZER, endpoint="people")
def people(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """List people who do not know that the event is cancelled or changed, or that they got or lost a seat."""
    event, number = event_of(by), page_number()
    unreached = call_list.listed(db, event=event, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/call_list.html",
        event=event,
        people=[_call(person, event) for person in unreached[:PAGE]],
        has_more=len(unreached) > PAGE,
        number=number,
        back=(address(event.id), gettext("mailing.title")),
        hint=gettext("mailing.unreached_hint"),
    )


def _call(person: Unreached, event: Event) -> Call:
    reason = (
        delivery_faults.fault(person.failure, has_failed=True)
        if person.failure
        else delivery_faults.skipped(SkipReason.NO_ADDRESS)
    )
    about, host, news = person.about, person.host, ", ".join(map(status_wording.email_type, person.news))
    page = links.organizer("person", event_id=event.id, person_id=about.id)
    link = handout.own_link(person.party[0]) if _has_registration(person, event) else ""
    with use_language(host.language):
        text, brief = "\n".join(_lines(person, event)).strip(), "\n".join(_brief(person, event))
        message_link = link or links.absolute(settings().base_url, links.event(host.language, event.slug))
    message = handout.message(text, message_link, language=host.language, phone=host.phone, brief=brief)
    papers = handout.papers(person.party) if link else ()
    return Call(about.name, host.phone, handout.Handout(message, link, papers), f"{news}: {reason}", page)


def _has_registration(person: Unreached, event: Event) -> bool:
    """Return whether the person still has a registration that the link can open."""
    is_cancelled = event.state == EventState.CANCELLED or MessageKind.PLACE_TAKEN_BACK in person.news
    return bool(person.party) and not is_cancelled


def _lines(person: Unreached, event: Event) -> Iterator[str]:
    """Yield the message in the current language: the state of things now, not the text of the email that failed."""
    yield gettext("email.hello_name", name=person.host.name) + "\n"
    yield from _message(person, event)
    yield "\n" + "\n".join((*handout.facts(person.party, event), *filter(None, _sessions(person, event)))) + "\n"
    yield from _after(person, event)
    yield "\n" + email_wording.said(event.organization.name, event)


def _brief(person: Unreached, event: Event) -> Iterator[str]:
    """Yield the message for an SMS: the news, the event's title and time now, what changed, and the short codes."""
    is_in_heading = event.state == EventState.CANCELLED and not event.private
    if not is_in_heading:
        yield next(_message(person, event))
    yield from handout.main_facts(person.party, event)
    yield from _previously(person, event)
    if _has_registration(person, event):
        yield from handout.short_codes(person.party)


def _message(person: Unreached, event: Event) -> Iterator[str]:
    if MessageKind.PLACE_TAKEN_BACK in person.news:
        yield email_wording.cancelled_by_organizer(person.about)
        return
    if event.state == EventState.CANCELLED:
        yield gettext("common.event_cancelled_sentence")
        yield gettext("common.no_need_to_come")
        return
    if MessageKind.EVENT_CHANGED in person.news:
        yield gettext("common.event_changed_sentence")
    yield from list(handout.seats(person.party)) or [gettext("common.registration_unchanged")]


def _sessions(person: Unreached, event: Event) -> Iterator[str]:
    """Yield the sessions of the tickets, since one may be all that changed, and their earlier times and rooms."""
    if _is_changed(person, event):
        yield from (
            email_wording.session_in_words(session, event) for session in email_wording.sessions_of(person.party, event)
        )
        yield from _previously(person, event)


def _previously(person: Unreached, event: Event) -> Iterator[str]:
    if _is_changed(person, event):
        for fact in email_wording.as_it_was(person.party, event, person.before):
            yield gettext("common.previously", fact=fact)


def _is_changed(person: Unreached, event: Event) -> bool:
    """Return whether the news is a change of the event, and neither it nor the registration is cancelled."""
    return (
        MessageKind.EVENT_CHANGED in person.news
        and MessageKind.PLACE_TAKEN_BACK not in person.news
        and event.state != EventState.CANCELLED
    )


def _after(person: Unreached, event: Event) -> Iterator[str]:
    if event.state == EventState.CANCELLED or MessageKind.PLACE_TAKEN_BACK in person.news:
        because = (
            email_wording.said(event.cancelled_because, event) if MessageKind.EVENT_CANCELLED in person.news else ""
        )
        yield from filter(None, (because, event.contact and gettext("email.questions_contact", contact=event.contact)))
        return
    yield from handout.codes(person.party, event)
