"""Bounds on the size of a request, enforced before any work is done on it.

Head: an address, its query, cookies and all headers together, the same for every request. Body: declared with the
route, else by its access, and counted while it is read, so that a body without a length is bounded too.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Flask, Request, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, RequestHeaderFieldsTooLarge, RequestURITooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_input_stream

LONGEST_PATH, LONGEST_SEGMENT, LONGEST_QUERY = 2_048, 512, 8_192
LONGEST_COOKIES, LONGEST_HEADERS = 16_384, 32_768
"""Bytes. The app's longest address, a list of attendees with every filter, is below 2,000; its cookies take 1,000."""


@dataclass(frozen=True, slots=True)
class Body:
    """Bounds on the body of a request: bytes, and fields of a form."""

    size: int
    fields: int = 200


PUBLIC = Body(64 * 1024)
"""A registration form with five answers of several lines, each as long as allowed."""
MEMBER = Body(512 * 1024, fields=2_500)
"""The texts of an event in three languages, all as long as allowed (37,140 characters at up to twelve bytes each), and
2,000 check-ins from paper.
"""
DOOR = Body(1024 * 1024)
"""500 scans and 100 walk-ins, each as long as allowed."""


class Forms(FormDataParser):
    """A form parser that counts the fields of urlencoded forms too: werkzeug bounds only those of multipart forms."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Parse a form. Raises RequestEntityTooLarge."""
        if mimetype == "application/x-www-form-urlencoded" and self.max_form_parts is not None:
            body = stream.read()
            if body.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class Bounded(Request):
    """A request whose body is bounded as a whole, and whose form fields are counted before they are parsed."""

    form_data_parser_class = Forms

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body. Raises RequestEntityTooLarge."""
        limit = self.max_content_length
        if self.content_length or limit is None:
            return super().stream
        # werkzeug cuts a body without a length at its bound, and takes that for the whole.
        body = get_input_stream(self.environ, max_content_length=limit + 1).read()
        if len(body) > limit:
            raise RequestEntityTooLarge
        return BytesIO(body)


def plug_into(app: Flask) -> None:
    """Bound every request of the app; call it before anything else reads the request."""
    app.request_class = Bounded
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = PUBLIC.size
    app.config["MAX_FORM_PARTS"] = PUBLIC.fields
    app.before_request(refuse_large_heads)


def set_body(body: Body) -> None:
    """Set the bounds on the body of this request."""
    request.max_content_length = request.max_form_memory_size = body.size
    request.max_form_parts = body.fields


def refuse_large_heads() -> None:
    """Raise RequestURITooLarge or RequestHeaderFieldsTooLarge if the head of the request is too large."""
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or max(map(len, path.split("/"))) > LONGEST_SEGMENT:
        raise RequestURITooLarge
    headers = sum(len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_"))
    if headers > LONGEST_HEADERS or len(environ.get("HTTP_COOKIE", "")) > LONGEST_COOKIES:
        raise RequestHeaderFieldsTooLarge
