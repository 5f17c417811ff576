"""The preview of a mailing in one language, drawn by the same templates as its email."""

from base64 import b64encode
from dataclasses import dataclass

from shared import i18n, links, wording
from shared.models import Event, Mailing
from shared.papers import letter
from web.current import settings

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'self'"
"""Content-Security-Policy of a preview: no script, no form, nothing from elsewhere; an email brings its own colours."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The subject line, and the email as a page of HTML."""

    subject: str
    page: str


def of(mailing: Mailing, event: Event, language: str, name: str, photograph: bytes | None = None) -> Preview:
    """Return the email to a person of this name, with the event's photograph if any. Links lead to the event's page."""
    with i18n.use_language(language):
        link = links.absolute(settings().base_url, links.event(language, event.slug))
        texts = {**wording.letterhead(event), **wording.mailing(mailing, event, name)}
        cover = _cover(event.slug, photograph)
        return Preview(*letter.mailing(**texts, cover=cover, link=link, unsubscribe=link))


def _cover(slug: str, photograph: bytes | None) -> str:
    image_type, content = letter.cover(slug, photograph)
    return f"data:image/{image_type};base64,{b64encode(content).decode()}"
