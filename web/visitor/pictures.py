"""Uploaded pictures, under the hash of their content: the same address is the same picture for ever."""

from collections.abc import Callable, Mapping

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.events import pictures
from shared.pictures import cut, fitted
from web.access import VISITOR, Visitor
from web.routes import Routes

pages = Routes("pictures", __name__)

SIZES: Mapping[str, Callable[[bytes], bytes]] = {
    "wide": lambda content: cut(content, 960, 480, kind="WEBP", most=30_000),
    "tile": lambda content: cut(content, 256, 256, kind="WEBP", most=8_000),
    "logo": lambda content: fitted(content, 480, 112),
}
"""The sizes in which pages show a picture of up to 300 kB: the head of an event, a tile or a face, a partner's logo."""


@pages.get("/img/<sha256>", access=VISITOR)
def picture(db: Session, by: Visitor, sha256: str) -> ResponseReturnValue:
    """Return a picture as it is stored."""
    return _lasting(pictures.content(db, sha256=sha256))


@pages.get(f"/img/<sha256>/<any({','.join(SIZES)}):size>", access=VISITOR)
def sized(db: Session, by: Visitor, sha256: str, size: str) -> ResponseReturnValue:
    """Return a picture in a size that a page shows."""
    return _lasting(SIZES[size](pictures.content(db, sha256=sha256)))


def _lasting(content: bytes) -> Response:
    answer = Response(content, mimetype="image/webp")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
