"""Pages that are the same for everyone but for one place: rendered and packed once, completed for each visitor."""

from collections.abc import Callable

from flask import Response, request

from shared import clock
from web.http_cache import PRIVATE, tag_of
from web.spliced import Spliced

ONCE = "once-goes-here"
"""The placeholder of a form's `once` (web/form_tokens.py), each visitor's own."""
FORM = "form-goes-here"
"""The placeholder of the form itself, where it was refused."""
HALF_DAY_SECONDS = 43_200


class KeptPage:
    """A page whose only difference between visitors is what goes in place of a placeholder."""

    def __init__(self, html: str, placeholder: str = ONCE) -> None:
        self._spliced = Spliced(html, placeholder)
        self._tag = tag_of(html)

    def answer(self, make_once: Callable[[], str] = str) -> Response:
        """Return the page with a `once`, or 304 if the browser has the page."""
        # A page that a browser keeps has its old `once`, so it must be fetched anew before that is a day old.
        tag = f"{self._tag}.{int(clock.now().timestamp()) // HALF_DAY_SECONDS}"
        is_known = request.if_none_match.contains_weak(tag)
        answer = Response(status=304, mimetype="text/html") if is_known else self.complete(make_once())
        answer.headers["Cache-Control"] = PRIVATE
        answer.set_etag(tag, weak=True)
        return answer

    def complete(self, filling: str) -> Response:
        """Return the page with what goes in place of the placeholder, packed if the browser accepts it."""
        answer = Response(mimetype="text/html")
        answer.headers["Cache-Control"] = PRIVATE
        if request.accept_encodings.quality("gzip"):
            answer.set_data(self._spliced.fill_packed(filling))
            answer.content_encoding = "gzip"
        else:
            answer.set_data(self._spliced.fill(filling))
        return answer
