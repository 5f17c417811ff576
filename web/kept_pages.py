"""Pages that are the same for everyone but for one word: rendered and packed once, completed for each visitor."""

from flask import Response, request

from shared import clock
from web.http_cache import PRIVATE, tag_of
from web.spliced import Spliced

ONCE = "once-goes-here"
"""The placeholder of a form's `once` (web/form_tokens.py), each visitor's own."""
HALF_DAY_SECONDS = 43_200


class KeptPage:
    """A page whose only difference between visitors is the `once` of its form."""

    def __init__(self, html: str) -> None:
        self._spliced = Spliced(html, ONCE)
        self._tag = tag_of(html)

    def answer(self, once: str) -> Response:
        """Return the page with this `once`, packed if the browser accepts it; or 304 if the browser has the page."""
        # A page that a browser keeps has its old `once`, so it must be fetched anew before that is a day old.
        tag = f"{self._tag}.{int(clock.now().timestamp()) // HALF_DAY_SECONDS}"
        answer = Response(mimetype="text/html")
        answer.headers["Cache-Control"] = PRIVATE
        answer.set_etag(tag, weak=True)
        if request.if_none_match.contains_weak(tag):
            answer.status_code = 304
        elif request.accept_encodings.quality("gzip"):
            answer.set_data(self._spliced.fill_packed(once))
            answer.content_encoding = "gzip"
        else:
            answer.set_data(self._spliced.fill(once))
        return answer
