"""Whether it is alive, whether it is ready, and how far the worker is behind."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from web.access import VISITOR, Visitor
from web.routes import Routes

pages = Routes("health", __name__)


@pages.get("/healthz", access=VISITOR)
def alive(db: Session, by: Visitor) -> ResponseReturnValue:
    """Alive: answers, and asks nobody."""
    return jsonify(status="alive")
