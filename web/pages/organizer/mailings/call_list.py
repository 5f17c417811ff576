"""Whom no mail reached with what they must know: a number to call, and what to say."""

from collections.abc import Iterator

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared import wording as mail_wording
from shared.i18n import gettext, use_language
from shared.models import Event
from shared.queries import call_list
from shared.queries.call_list import Unreached
from shared.queries.mailings import NO_ADDRESS
from web.access import ORGANIZER, Member
from web.current import settings
from web.pages import wording
from web.pages.organizer import delivery_faults, event_of, handout, no_store, open_conflicts, status_wording
from web.pages.organizer.mailings.page import address
from web.pages.organizer.mailings.people import PAGE, Call
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_unreached", __name__, url_prefix="/organize/events/<int:event_id>/mailings/unreached")
pages.after_request(no_store)


@pages.get("", access=ORGANIZER, endpoint="people")
def people(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Who was not told that the event is cancelled or changed, that they have a seat now, or have none any more."""
    event, number = event_of(by), page_number()
    found = call_list.listed(db, event=event, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/calls.html",
        by=by,
        event=event,
        people=[_call(one, event) for one in found[:PAGE]],
        has_more=len(found) > PAGE,
        number=number,
        back=(address(event.id), gettext("mailing.title")),
        explained=gettext("mailing.unreached_hint"),
        wording=wording,
        open_conflicts=open_conflicts(db, by),
    )


def _call(one: Unreached, event: Event) -> Call:
    why = delivery_faults.fault(one.error, given_up=True) if one.error else delivery_faults.skipped(NO_ADDRESS)
    about, host, news = one.about, one.host, ", ".join(map(status_wording.kind, one.news))
    page = f"/organize/events/{event.id}/people/{about.id}/"
    link = handout.own_link(one.party[0]) if _is_theirs(one, event) else ""
    with use_language(host.language):
        text, brief = "\n".join(_lines(one, event)).strip(), "\n".join(_brief(one, event))
        shown = link or links.absolute(settings().base_url, links.event(host.language, event.slug))
    message = handout.message(text, shown, language=host.language, phone=host.phone, brief=brief)
    given = handout.Handout(message, link, handout.papers(one.party) if link else ())
    return Call(about.name, host.phone, given, f"{news}: {why}", page)


def _is_theirs(one: Unreached, event: Event) -> bool:
    """Whether there is a registration left to open, and not only news of its end."""
    return bool(one.party) and event.state != "cancelled" and "place_taken_back" not in one.news


def _lines(one: Unreached, event: Event) -> Iterator[str]:
    """What to say, in the language that is spoken now: how things are, and not what once was to be told."""
    yield gettext("email.hello_name", name=one.host.name) + "\n"
    yield from _message(one, event)
    yield "\n" + "\n".join((*handout.facts(one.party, event), *filter(None, _parts(one, event)))) + "\n"
    yield from _after(one, event)
    yield "\n" + mail_wording.said(event.organization.name, event)


def _brief(one: Unreached, event: Event) -> Iterator[str]:
    """The same for an SMS: what is new, what and when it is now, what it was before, and the short codes."""
    is_in_heading = event.state == "cancelled" and not event.private
    if not is_in_heading:
        yield next(_message(one, event))
    yield from handout.main_facts(one.party, event)
    yield from _before(one, event)
    if _is_theirs(one, event):
        yield from handout.short_codes(one.party)


def _message(one: Unreached, event: Event) -> Iterator[str]:
    if "place_taken_back" in one.news:
        yield mail_wording.cancelled_by_organizer(one.about)
        return
    if event.state == "cancelled":
        yield gettext("common.event_cancelled_sentence")
        yield gettext("common.no_need_to_come")
        return
    if "event_changed" in one.news:
        yield gettext("common.event_changed_sentence")
    yield from list(handout.seats(one.party)) or [gettext("common.registration_unchanged")]


def _parts(one: Unreached, event: Event) -> Iterator[str]:
    """The parts of their tickets, one of which may be all that changed, and what was another before."""
    if _is_changed(one, event):
        yield from (mail_wording.session_in_words(part, event) for part in mail_wording.sessions_of(one.party, event))
        yield from _before(one, event)


def _before(one: Unreached, event: Event) -> Iterator[str]:
    if _is_changed(one, event):
        for fact in mail_wording.as_it_was(one.party, event, one.before):
            yield gettext("common.previously", fact=fact)


def _is_changed(one: Unreached, event: Event) -> bool:
    """Whether it is a change that they must know, and no end of it."""
    return "event_changed" in one.news and "place_taken_back" not in one.news and event.state != "cancelled"


def _after(one: Unreached, event: Event) -> Iterator[str]:
    if event.state == "cancelled" or "place_taken_back" in one.news:
        because = mail_wording.said(event.cancelled_because, event) if "event_cancelled" in one.news else ""
        yield from filter(None, (because, event.contact and gettext("email.questions_contact", contact=event.contact)))
        return
    yield from handout.codes(one.party, event)
