"""Every kind of mail, one function each: what is known in, a Mail in the person's language out."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from shared import i18n, links, tokens
from shared.config import Settings
from shared.models import Event, Registration
from shared.papers import cover, ikat, qr
from worker.mail import File, Mail

TEMPLATES = Path(__file__).parent / "templates"
COVER_WIDTH = 1200
KINDS = ("ticket",)


def ticket(host: Registration, party: Sequence[Registration], settings: Settings) -> Mail:
    """The tickets of a party, to the address of who signed it up."""
    event = host.event
    with i18n.use_language(host.language):
        organization = _text(event.organization.name, event)
        subject, text, page = _render(
            "ticket",
            name=host.name,
            party=party,
            private=event.private,
            title=_text(event.title, event),
            when=when(event),
            where=where(event),
            organization=organization,
            link=links.absolute(settings.base_url, links.registration(host.language, _token(host, settings))),
        )
        return Mail(
            to=host.email or "",
            name=host.name,
            sender=organization,
            language=host.language,
            subject=subject,
            text=text,
            html=page,
            inline=(_cover(event.slug), *(_qr(one, settings) for one in party)),
        )


def when(event: Event) -> str:
    """When an event is, in words, as well as it is known."""
    note = _text(event.time_note, event)
    if event.starts_local is None or event.ends_local is None:
        return note
    if event.known == "about":
        return note or i18n.format_month(event.starts_local)
    first, last = event.starts_local.date(), event.ends_local.date()
    if event.known == "day":
        return i18n.format_days(first, last)
    moment = i18n.format_moment(event.starts_local, i18n.city_of(event.zone))
    return moment if first == last else f"{moment} ({i18n.format_days(first, last)})"


def where(event: Event) -> list[str]:
    """Where an event is: venue, address and city, as far as they are given."""
    lines = (_text(texts, event) for texts in (event.venue, event.address, event.city))
    return [line for line in lines if line]


def _text(texts: Mapping[str, str], event: Event) -> str:
    return str(i18n.text_in(texts, (i18n.language(), *event.languages)) or "")


def _token(registration: Registration, settings: Settings) -> str:
    return tokens.make(settings.secrets[0], "registration", id=registration.id, version=registration.version)


def _render(kind: str, **words: Any) -> tuple[str, str, str]:
    """Subject, text and page of a mail."""
    subject = i18n.normalize(_template(f"{kind}/subject.txt").render(words))
    page = _template(f"{kind}/body.html").render(words, subject=subject, language=i18n.language())
    return subject, _template(f"{kind}/body.txt").render(words), _inliner().inline(page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    i18n.translate_templates(environment)
    return environment


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _inliner() -> css_inline.CSSInliner:
    # The sheet stays as well: what a dark screen needs cannot be said in an attribute.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


@lru_cache(64)
def _cover(slug: str) -> File:
    return File("cover.png", "image/png", cover.png(ikat.weave(slug), COVER_WIDTH))


def _qr(registration: Registration, settings: Settings) -> File:
    code = links.ticket_code(settings.base_url, registration.code or "")
    return File(f"ticket-{registration.short_code}.png", "image/png", qr.png(code))
