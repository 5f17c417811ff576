"""An organizer's short links: each leads to its event's page, and says where it was published."""

from urllib.parse import urlencode

from flask import redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.events import channels
from shared.i18n import language
from web.access import VISITOR, Visitor
from web.routes import Routes

pages = Routes("short_links", __name__)


@pages.get("/l/<short>", access=VISITOR)
def follow(db: Session, by: Visitor, short: str) -> ResponseReturnValue:
    """Redirect to the event's page in the visitor's language."""
    channel = channels.by_code(db, code=short.lower())
    query = urlencode({"source": channel.code})
    answer = redirect(f"{links.event(language(), channel.event.slug)}?{query}", 303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
