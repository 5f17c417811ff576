"""Handouts for a person whom no email reaches: a link, the ticket as a PDF, and a text to send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from shared import clock, links, wording
from shared.i18n import format_moment, gettext, ngettext, use_language
from shared.models import Event, EventState, Registration, RegistrationState
from web import ticket_cookie
from web.current import settings


@dataclass(frozen=True, slots=True)
class Message:
    """A text to one person in their language, and the addresses that open a messenger with it. `sms` is empty without
    a number.
    """

    text: str
    language: str
    whatsapp: str
    telegram: str
    sms: str


@dataclass(frozen=True, slots=True)
class Paper:
    """The address of a ticket as a PDF, and the name on it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Handout:
    """A message, with the link to the person's own registration and the tickets of the group where there are any."""

    message: Message
    link: str = ""
    papers: Sequence[Paper] = ()


def is_due(event: Event) -> bool:
    """Return whether tickets of the event are still of use: it is published and not over."""
    return event.state == EventState.PUBLISHED and not event.is_over(clock.now())


def of_party(party: Sequence[Registration], event: Event, *, phone: str | None) -> Handout:
    """Return the handout for the first of a group: the state of the registration, and every confirmed ticket."""
    first = party[0]
    link = own_link(first)
    with use_language(first.language):
        body, brief = "\n".join(_lines(party, event)).strip(), _brief(party, event)
        label = gettext("handout.registration_link")
    host_message = message(body, link, language=first.language, phone=phone, brief=brief, label=label)
    return Handout(host_message, link, papers(party))


def message(body: str, link: str, *, language: str, phone: str | None, brief: str = "", label: str = "") -> Message:
    """Return a text that ends in a link below its `label`. Telegram puts the link first, so its text has no label. An
    SMS is paid by its length, so it has the `brief` text.
    """
    text = "\n".join(filter(None, (body, label, link)))
    sms = links.sms(f"{brief or body}\n{link}", phone) if phone else ""
    return Message(text, language, links.whatsapp(text, phone), links.telegram(body, link), sms)


def own_link(registration: Registration) -> str:
    """Return the absolute address of a person's own registration; anyone who has it can cancel the registration."""
    path = links.registration(registration.language, ticket_cookie.own_token(registration))
    return links.absolute(settings().base_url, path)


def papers(party: Sequence[Registration]) -> list[Paper]:
    """Return the tickets of the confirmed registrations, as far as the worker has signed them."""
    signed = [
        registration
        for registration in party
        if registration.state == RegistrationState.CONFIRMED and registration.code
    ]
    return [Paper(row.name, f"{links.ticket(row.code or '', '.pdf')}?size=A4") for row in signed]


def facts(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """Yield title, time and venue; of a private event no title, since messengers show texts on a locked screen."""
    title = "" if event.private else wording.heading(event)
    yield from filter(None, (title, wording.when_admitted(party, event), wording.where(event)))


def main_facts(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """Yield the first two of the facts, for an SMS."""
    return islice(facts(party, event), 2)


def short_codes(party: Sequence[Registration]) -> Iterator[str]:
    """Yield the short code of each ticket without its name, for an SMS."""
    for registration in party:
        if registration.state == RegistrationState.CONFIRMED:
            yield gettext("email.short_code", code=wording.short_code(registration))


def codes(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """Yield the deadline of each offered seat, the short code of each ticket, and the hint for the door."""
    for registration in party:
        if registration.state == RegistrationState.OFFERED and registration.deadline:
            yield gettext("handout.seat_held_until", name=registration.name, deadline=_deadline(registration, event))
        elif registration.state == RegistrationState.CONFIRMED:
            yield f"{registration.name}: " + gettext("email.short_code", code=wording.short_code(registration))
    if any(registration.state == RegistrationState.CONFIRMED for registration in party):
        yield gettext("handout.say_at_door")


def seats(party: Sequence[Registration]) -> Iterator[str]:
    """Yield how many seats are offered and how many are confirmed."""
    if offered := sum(registration.state == RegistrationState.OFFERED for registration in party):
        yield ngettext("common.seats_offered", offered)
    if confirmed := sum(registration.state == RegistrationState.CONFIRMED for registration in party):
        yield ngettext("common.seats_confirmed", confirmed)


def _lines(party: Sequence[Registration], event: Event) -> Iterator[str]:
    first = party[0]
    yield gettext("email.hello_name", name=first.name) + "\n"
    yield from seats(party)
    if first.state == RegistrationState.WAITING:
        yield gettext("common.on_waiting_list_sentence")
    if first.state == RegistrationState.UNCONFIRMED and first.deadline:
        yield ngettext(
            "common.seats_held_until",
            sum(registration.state == RegistrationState.UNCONFIRMED for registration in party),
            deadline=_deadline(first, event),
        )
    yield "\n" + "\n".join(facts(party, event)) + "\n"
    yield from codes(party, event)
    yield "\n" + wording.said(event.organization.name, event)


def _brief(party: Sequence[Registration], event: Event) -> str:
    return "\n".join([*main_facts(party, event), *short_codes(party)])


def _deadline(registration: Registration, event: Event) -> str:
    assert registration.deadline is not None, "a registration whose seat is held has a deadline"
    return format_moment(registration.deadline.astimezone(ZoneInfo(event.zone)))
