"""A mailing as its mail will look: the very templates of the mail, in a language."""

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache

from shared import i18n, links, wording
from shared.models import Event, Mailing
from shared.papers import cover, ikat, letter
from web.current import settings

COVER_WIDTH = 600
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'self'"
"""No script, no form, nothing from elsewhere; the colours of a mail stand in the mail."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The line of the inbox, and the page."""

    subject: str
    page: str


def of(mailing: Mailing, event: Event, language: str, name: str) -> Preview:
    """The mail to somebody of this name. Its links lead to the event's page."""
    with i18n.use_language(language):
        link = links.absolute(settings().base_url, links.event(language, event.slug))
        words = {**wording.letterhead(event), **wording.mailing(mailing, event, name)}
        subject, page = letter.mailing(**words, link=link, unsubscribe=link)
    return Preview(subject, page.replace("cid:cover.png", _cover(event.slug)))


@lru_cache(16)
def _cover(slug: str) -> str:
    picture = cover.png(ikat.weave(slug), COVER_WIDTH)
    return f"data:image/png;base64,{b64encode(picture).decode()}"
