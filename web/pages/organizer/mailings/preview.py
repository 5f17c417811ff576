"""A mailing as its mail will look: the very templates of the mail, in a language."""

from base64 import b64encode
from dataclasses import dataclass

from shared import i18n, links, wording
from shared.models import Event, Mailing
from shared.papers import letter
from web.current import settings

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'self'"
"""No script, no form, nothing from elsewhere; the colours of a mail stand in the mail."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The line of the inbox, and the page."""

    subject: str
    page: str


def of(mailing: Mailing, event: Event, language: str, name: str, photograph: bytes | None = None) -> Preview:
    """The mail to somebody of this name, under the event's photograph if it has one. Its links lead to its page."""
    with i18n.use_language(language):
        link = links.absolute(settings().base_url, links.event(language, event.slug))
        words = {**wording.letterhead(event), **wording.mailing(mailing, event, name)}
        head = _cover(event.slug, photograph)
        return Preview(*letter.mailing(**words, cover=head, link=link, unsubscribe=link))


def _cover(slug: str, photograph: bytes | None) -> str:
    kind, content = letter.cover(slug, photograph)
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
