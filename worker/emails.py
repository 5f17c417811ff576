"""Every kind of email: its properties, and its composition in the recipient's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, Template

from shared import i18n, links, tokens, wording
from shared.config import Settings
from shared.i18n import deferred
from shared.models import Account, Event, Mailing, Registration, RegistrationState
from shared.outbox import kinds
from shared.outbox.kinds import EmailKind
from shared.papers import letter, qr
from shared.papers.calendar import ics
from shared.papers.ticket import pdf as ticket_pdf
from worker.email_message import Email, File, content_id
from worker.mailer import wire_address

TEMPLATES = Path(__file__).parent / "templates"


KINDS: Mapping[str, EmailKind] = {row.email.template: row.email for row in kinds.KINDS.values()}
"""The emails by their folders of templates."""

CHANGES = {
    "time": deferred("email.time_changed"),
    "place": deferred("email.venue_changed"),
    "programme": deferred("email.programme_changed"),
}
DAYS = (deferred("email.event_today"), deferred("email.event_tomorrow"), deferred("email.event_in_two_days"))


def compose(
    kind: str,
    about: Registration,
    host: Registration,
    people: Sequence[Registration],
    settings: Settings,
    *,
    photograph: bytes | None = None,
    **words: Any,
) -> Email:
    """Compose the email of a kind about a registration, to its host's address; `people` are the members it names.

    `photograph` heads it and its tickets in place of the weave. Further values for its templates are keyword arguments.
    Raises KeyError for an unknown kind.
    """
    with i18n.use_language(host.language):
        event, of_kind = host.event, KINDS[kind]
        head = _cover(event.slug, photograph)
        link, unsubscribe = _link(of_kind, _acting(host, people), settings), _unsubscribe(of_kind, host, settings)
        calendar = tuple(_calendar(of_kind, about, host, settings, link))
        common = {
            **wording.letterhead(event, people or [host]),
            "cover": f"cid:{head.cid}",
            "name": host.name,
            "people": people,
            "button": i18n.gettext(of_kind.button),
            "link": link,
            "unsubscribe": unsubscribe,
            "has_calendar": bool(calendar),
        }
        subject, text, page = _render(kind, **common, **words)
        codes = people if of_kind.codes else ()
        papers = people if of_kind.papers else ()
        return Email(
            to=host.email or "",
            name=host.name,
            sender=common["organization"],
            language=host.language,
            subject=subject,
            text=text,
            html=page,
            unsubscribe=unsubscribe,
            reply_to=wording.reply_address(event),
            inline=(head, *(_qr(registration, settings.base_url) for registration in codes)),
            attachments=(
                *(_paper(registration, event, settings.base_url, photograph) for registration in papers),
                *calendar,
            ),
        )


def compose_for_account(
    kind: str, *, to: str, name: str, language: str, link: str, sender: str = "", **words: Any
) -> Email:
    """Compose an email to an organizer about no event; its sender is the installation where none is named."""
    with i18n.use_language(language):
        head = _cover("turnout")
        words |= {"cover": f"cid:{head.cid}", "button": i18n.gettext(KINDS[kind].button)}
        subject, text, page = _render(kind, name=name, link=link, **words)
        return Email(
            to=to,
            name=name,
            sender=sender,
            language=language,
            subject=subject,
            text=text,
            html=page,
            inline=(head,),
        )


def compose_test(
    mailing: Mailing, account: Account, language: str, settings: Settings, photograph: bytes | None = None
) -> Email:
    """Compose a mailing in a language as a test for its author; there is nothing to unsubscribe from."""
    event, of_kind = mailing.event, KINDS["mailing"]
    head = _cover(event.slug, photograph)
    with i18n.use_language(language):
        words = {**wording.letterhead(event), **wording.mailing(mailing, event, account.name)}
        link = links.absolute(settings.base_url, links.event(language, event.slug))
        words |= {"cover": f"cid:{head.cid}", "button": i18n.gettext(of_kind.button), "link": link, "unsubscribe": ""}
        subject, text, page = _render("mailing", **words)
        return Email(
            to=account.email,
            name=account.name,
            sender=words["organization"],
            language=language,
            subject=i18n.gettext("email.test_subject", subject=subject),
            text=text,
            html=page,
            reply_to=wording.reply_address(event),
            inline=(head,),
        )


def _acting(host: Registration, people: Sequence[Registration]) -> Registration:
    """Return the registration whose page the group uses: the host's, or a guest's where the host has cancelled."""
    return host if host.is_live else next(iter(people), host)


def _link(kind: EmailKind, host: Registration, settings: Settings) -> str:
    path = links.event(host.language, host.event.slug)
    if kind.opens == "registration":
        path = links.registration(host.language, _token("registration", host, settings))
    return links.absolute(settings.base_url, path)


def _unsubscribe(kind: EmailKind, host: Registration, settings: Settings) -> str:
    if not kind.is_news:
        return ""
    return links.absolute(settings.base_url, links.unsubscribe(_token("unsubscribe", host, settings)))


def _token(purpose: str, registration: Registration, settings: Settings) -> str:
    return tokens.make(settings.secrets[0], purpose, id=registration.id, version=registration.version)


def _render(kind: str, **words: Any) -> tuple[str, str, str]:
    """Render subject, text and page of an email."""
    subject = i18n.normalize(_template(f"{kind}/subject.txt").render(words))
    page = _template(f"{kind}/body.html").render(words, subject=subject, language=i18n.language())
    return subject, _template(f"{kind}/body.txt").render(words), letter.inlined(page)


@cache
def _environment() -> Environment:
    environment = letter.environment(TEMPLATES)
    filters = {
        "short_code": wording.short_code,
        "said": wording.said,
        "cancelled_by_organizer": wording.cancelled_by_organizer,
        "session_in_words": wording.session_in_words,
        "some_sessions": wording.some_sessions,
        "as_it_was": wording.as_it_was,
        "moment": _moment,
        "changes": _changes,
        "content_id": content_id,
    }
    environment.globals.update(filters, days_left=_days, briefly=_briefly)
    return environment


def _moment(instant: datetime, event: Event) -> str:
    """Return a deadline in the event's own time zone."""
    wall = instant.astimezone(ZoneInfo(event.zone))
    return i18n.format_moment(wall, i18n.city_of(event.zone))


def _briefly(people: Sequence[Registration], event: Event) -> str:
    """Return their time for a subject: its reader knows the zone."""
    return wording.when_admitted(people, event, with_zone=False)


def _changes(changed: Sequence[str]) -> str:
    changes = [i18n.gettext(CHANGES[change]) for change in changed if change in CHANGES]
    return " ".join(changes) or i18n.gettext("common.event_changed_sentence")


def _days(days: int) -> str:
    return i18n.gettext(DAYS[days]) if days < len(DAYS) else i18n.gettext("email.event_soon")


def _template(name: str) -> Template:
    return _environment().get_template(name)


def _cover(slug: str, photograph: bytes | None = None) -> File:
    kind, content = letter.cover(slug, photograph)
    return File(f"cover.{kind}", f"image/{kind}", content)


def _qr(registration: Registration, base_url: str) -> File:
    code = links.ticket_code(base_url, registration.code or "")
    return File(f"ticket-{registration.short_code}.png", "image/png", qr.png(code))


def _paper(registration: Registration, event: Event, base_url: str, photograph: bytes | None) -> File:
    paper = wording.ticket_paper(registration, event, base_url, photograph)
    return File(f"ticket-{registration.short_code}.pdf", "application/pdf", ticket_pdf(paper))


def _calendar(
    kind: EmailKind, about: Registration, host: Registration, settings: Settings, link: str
) -> Iterator[File]:
    """Yield the files for the host's own calendar: one for each session, since a request is about one UID only (RFC
    5546).

    Attached, not another form of the body: Outlook would show the request there, and not the ticket.
    """
    if not kind.calendar or not _is_in_calendar(kind.calendar, about, host):
        return
    name, sender = wording.said(host.event.organization.name, host.event), parseaddr(settings.mail_from)[1]
    guest = wire_address(host.email or "")
    entries = list(wording.calendar_entries(host, host.event, settings.base_url, link))
    for number, entry in enumerate(entries, 1):
        personal = replace(entry, organizer=name, organizer_email=sender, attendee_email=guest)
        method = "CANCEL" if entry.status == "CANCELLED" else kind.calendar
        file = f"event-{number}.ics" if len(entries) > 1 else "event.ics"
        yield File(file, f"text/calendar; method={method}; charset=utf-8", ics([personal], method=method))


def _is_in_calendar(method: str, about: Registration, host: Registration) -> bool:
    """Return True if the host's calendar has an entry: not for a guest's seat, and not before the confirmation."""
    state = RegistrationState.CONFIRMED if method == "REQUEST" else RegistrationState.CANCELLED
    is_own = about is host or method == "REQUEST"
    return is_own and host.email is not None and host.confirmed_at is not None and host.state == state
