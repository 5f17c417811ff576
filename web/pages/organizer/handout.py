"""What an organizer gives to a person whom no email reaches: a link, the ticket as a PDF, and a text to send."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from shared import clock, links, wording
from shared.i18n import format_moment, gettext, ngettext, use_language
from shared.models import Event, Registration
from web import ticket_cookie
from web.current import settings


@dataclass(frozen=True, slots=True)
class Message:
    """A text to one person in their language, and the addresses that open a messenger with it. `sms` is empty where
    there is no number.
    """

    text: str
    language: str
    whatsapp: str
    telegram: str
    sms: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A ticket as a PDF, and the name on it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Handout:
    """A message, with the link to the person's own registration and the tickets of the party where there are any."""

    message: Message
    link: str = ""
    papers: Sequence[Paper] = ()


def is_due(event: Event) -> bool:
    """Whether there is still a reason to give anyone a ticket of this event."""
    return event.state == "published" and not event.is_over(clock.now())


def of_party(party: Sequence[Registration], event: Event, *, phone: str | None) -> Handout:
    """What the first of a party is given: how their registration stands, and the tickets of all who are confirmed."""
    first = party[0]
    link = own_link(first)
    with use_language(first.language):
        body, brief = "\n".join(_lines(party, event)).strip(), _brief(party, event)
        label = gettext("handout.registration_link")
    spoken = message(body, link, language=first.language, phone=phone, brief=brief, label=label)
    return Handout(spoken, link, papers(party))


def message(body: str, link: str, *, language: str, phone: str | None, brief: str = "", label: str = "") -> Message:
    """A text with a link at its end, below its `label`; Telegram puts the link first, so its text has no label. An SMS
    says the `brief` text, since it is paid by its length.
    """
    text = "\n".join(filter(None, (body, label, link)))
    sms = links.sms(f"{brief or body}\n{link}", phone) if phone else ""
    return Message(text, language, links.whatsapp(text, phone), links.telegram(body, link), sms)


def own_link(registration: Registration) -> str:
    """The whole address of somebody's own registration; anyone who has it can cancel that."""
    own = links.registration(registration.language, ticket_cookie.own_token(registration))
    return links.absolute(settings().base_url, own)


def papers(party: Sequence[Registration]) -> list[Paper]:
    """The tickets of those who are confirmed, as far as the worker has signed them."""
    signed = [one for one in party if one.state == "confirmed" and one.code]
    return [Paper(one.name, f"{links.ticket(one.code or '', '.pdf')}?size=A4") for one in signed]


def facts(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """What, when and where; of a private event not what, since a messenger shows a text on a locked screen too."""
    title = "" if event.private else wording.heading(event)
    yield from filter(None, (title, wording.when_admitted(party, event), wording.where(event)))


def main_facts(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """The first two of the facts, for an SMS."""
    return islice(facts(party, event), 2)


def short_codes(party: Sequence[Registration]) -> Iterator[str]:
    """Each ticket's short code without its name, for an SMS."""
    for each in party:
        if each.state == "confirmed":
            yield gettext("email.short_code", code=wording.short_code(each))


def codes(party: Sequence[Registration], event: Event) -> Iterator[str]:
    """Until when each offered seat is held, each ticket's short code, and what to say at the door."""
    for each in party:
        if each.state == "offered" and each.deadline:
            yield gettext("handout.seat_held_until", name=each.name, deadline=_deadline(each, event))
        elif each.state == "confirmed":
            yield f"{each.name}: " + gettext("email.short_code", code=wording.short_code(each))
    if any(each.state == "confirmed" for each in party):
        yield gettext("handout.say_at_door")


def seats(party: Sequence[Registration]) -> Iterator[str]:
    """How many seats are offered and how many confirmed."""
    if held := sum(each.state == "offered" for each in party):
        yield ngettext("common.seats_offered", held)
    if seated := sum(each.state == "confirmed" for each in party):
        yield ngettext("common.seats_confirmed", seated)


def _lines(party: Sequence[Registration], event: Event) -> Iterator[str]:
    first = party[0]
    yield gettext("email.hello_name", name=first.name) + "\n"
    yield from seats(party)
    if first.state == "waiting":
        yield gettext("common.on_waiting_list_sentence")
    if first.state == "unconfirmed" and first.deadline:
        yield ngettext(
            "common.seats_held_until",
            sum(each.state == "unconfirmed" for each in party),
            deadline=_deadline(first, event),
        )
    yield "\n" + "\n".join(facts(party, event)) + "\n"
    yield from codes(party, event)
    yield "\n" + wording.said(event.organization.name, event)


def _brief(party: Sequence[Registration], event: Event) -> str:
    return "\n".join([*main_facts(party, event), *short_codes(party)])


def _deadline(registration: Registration, event: Event) -> str:
    assert registration.deadline is not None, "asked for only where a seat is held"
    return format_moment(registration.deadline.astimezone(ZoneInfo(event.zone)))
