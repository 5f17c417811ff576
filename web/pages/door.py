"""The scanner's page and what a browser needs to keep it; the scanner is built from web/door into static/built."""

from pathlib import Path

from flask import Response, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.i18n import gettext
from web.access import VISITOR, Visitor
from web.routes import Routes

pages = Routes("door", __name__, url_prefix="/door")

ICONS = [
    {"src": f"/static/built/door-{name}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
    for name, side, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable-512", 512, "maskable"))
]
BUILT = Path(__file__).parents[1] / "static" / "built"


@pages.get("/", access=VISITOR)
def page(db: Session, by: Visitor) -> ResponseReturnValue:
    """The page: empty until its script runs, and a sentence for browsers in which it cannot."""
    return _checked_each_time(Response(render_template("door/page.html")))


@pages.get("/sw.js", access=VISITOR)
def service_worker(db: Session, by: Visitor) -> ResponseReturnValue:
    """The service worker, for everything below /door/."""
    return _checked_each_time(send_from_directory(BUILT, "sw.js", mimetype="text/javascript"))


@pages.get("/app.webmanifest", access=VISITOR)
def manifest(db: Session, by: Visitor) -> ResponseReturnValue:
    """What makes it an app on the home screen."""
    answer = jsonify(
        id="/door/",
        start_url="/door/",
        scope="/door/",
        name=gettext("Turnout door"),
        short_name=gettext("Door"),
        display="standalone",
        orientation="portrait",
        background_color="#14151f",
        theme_color="#14151f",
        icons=ICONS,
    )
    answer.mimetype = "application/manifest+json"
    return answer


def _checked_each_time(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
