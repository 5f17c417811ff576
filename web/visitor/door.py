"""The scanner's page and the files that a browser caches with it; the scanner is built from web/door into
static/built.
"""

from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Response, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links, tickets
from shared.i18n import deferred, gettext
from shared.papers import qr
from web.access import VISITOR, Visitor
from web.current import settings
from web.routes import Routes

pages = Routes("door", __name__, url_prefix="/door")

ICONS = [
    {"src": f"/static/built/door-{name}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
    for name, side, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable-512", 512, "maskable"))
]
STEPS = {
    "decode": deferred("door.speed_read"),
    "verify": deferred("door.speed_verify"),
    "verify_plain": deferred("door.speed_verify_plain"),
    "judge": deferred("door.speed_judge"),
    "write": deferred("door.speed_write"),
    "search": deferred("door.speed_search"),
    "sum": deferred("door.speed_sum"),
    "slower": deferred("door.speed_slower"),
}
BUILT = Path(__file__).parents[1] / "static" / "built"


@pages.get("/", access=VISITOR)
def page(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the scanner's page: empty until its script runs, with a sentence for browsers in which it cannot."""
    return _checked_each_time(Response(render_template("visitor/door.html")))


@pages.get("/sw.js", access=VISITOR)
def service_worker(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the service worker, for everything below /door/."""
    return _checked_each_time(send_from_directory(BUILT, "sw.js", mimetype="text/javascript"))


@pages.get("/reader.js", access=VISITOR)
def reader(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the worker that reads codes; below /door/, where the service worker caches it for use without
    a network.
    """
    return send_from_directory(BUILT, "reader.js", mimetype="text/javascript")


@pages.get("/bench", access=VISITOR)
def bench(db: Session, by: Visitor) -> ResponseReturnValue:
    """Measure what a scan costs on this phone; the sample is signed with a key that is thrown away."""
    code = tickets.sign(tickets.new_ticket_id(), key_number=1, key=Ed25519PrivateKey.generate())
    text = links.ticket_code(settings().base_url, code)
    sample = f"data:image/png;base64,{b64encode(qr.png(text)).decode()}"
    steps = [(name, gettext(words)) for name, words in STEPS.items()]
    return _checked_each_time(Response(render_template("visitor/bench.html", sample=sample, text=text, steps=steps)))


@pages.get("/app.webmanifest", access=VISITOR)
def manifest(db: Session, by: Visitor) -> ResponseReturnValue:
    """Return the manifest of the app on the home screen."""
    answer = jsonify(
        id="/door/",
        start_url="/door/",
        scope="/door/",
        name=gettext("door.app_name"),
        short_name=gettext("door.title"),
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
