"""Pictures of speakers and partners, under the hash of what they are: the same address is the same picture for ever."""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.queries import pictures
from web.access import VISITOR, Visitor
from web.routes import Routes

pages = Routes("pictures", __name__)


@pages.get("/img/<sha256>", access=VISITOR)
def picture(db: Session, by: Visitor, sha256: str) -> ResponseReturnValue:
    """One picture."""
    answer = Response(pictures.content(db, sha256=sha256), mimetype="image/webp")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
