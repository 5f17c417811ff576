"""Every kind of mail, one function each: what is known in, a Mail in the person's language out."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from shared import i18n, links, tokens, wording
from shared.config import Settings
from shared.models import Event, Registration
from shared.papers import cover, ikat, qr
from shared.papers.calendar import ics
from shared.papers.ticket import pdf as ticket_pdf
from worker.mail import File, Mail

TEMPLATES = Path(__file__).parent / "templates"
COVER_WIDTH = 1200
KINDS = ("ticket",)


def ticket(host: Registration, party: Sequence[Registration], settings: Settings) -> Mail:
    """The tickets of a party, to the address of who signed it up."""
    event, base_url = host.event, settings.base_url
    link = links.absolute(base_url, links.registration(host.language, _token(host, settings)))
    with i18n.use_language(host.language):
        organization = wording.said(event.organization.name, event)
        subject, text, page = _render(
            "ticket",
            name=host.name,
            party=party,
            private=event.private,
            title=wording.said(event.title, event),
            when=wording.when(event),
            where=wording.where(event),
            organization=organization,
            link=link,
        )
        return Mail(
            to=host.email or "",
            name=host.name,
            sender=organization,
            language=host.language,
            subject=subject,
            text=text,
            html=page,
            inline=(_cover(event.slug), *(_qr(one, base_url) for one in party)),
            attachments=(*(_paper(one, event, base_url) for one in party), *_calendar(host, event, base_url, link)),
        )


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
    environment.globals["short_code"] = wording.short_code
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


def _qr(registration: Registration, base_url: str) -> File:
    code = links.ticket_code(base_url, registration.code or "")
    return File(f"ticket-{registration.short_code}.png", "image/png", qr.png(code))


def _paper(registration: Registration, event: Event, base_url: str) -> File:
    paper = wording.ticket_paper(registration, event, base_url)
    return File(f"ticket-{registration.short_code}.pdf", "application/pdf", ticket_pdf(paper))


def _calendar(registration: Registration, event: Event, base_url: str, link: str) -> Iterator[File]:
    entries = list(wording.calendar_entries(registration, event, base_url, link))
    if entries:
        content = ics(entries, method="PUBLISH")
        yield File("event.ics", "text/calendar; method=PUBLISH; charset=utf-8", content)
