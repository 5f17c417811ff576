"""How much of a request is read: bounds that hold before any work is done on it.

Head: an address, its query, cookies and all headers together, the same for every request. Body: declared with the
route, else by its access, and counted while it is read, so that it also bounds a body that does not tell its length.
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
"""Bytes. The longest address of ours is a list of people with every filter, below 2,000; our cookies take 1,000."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a route reads at most: bytes, and the fields of a form."""

    size: int
    fields: int = 200


PUBLIC = Body(64 * 1024)
"""An event's form with five answers of several lines, each as long as it may be."""
MEMBER = Body(512 * 1024, fields=2_500)
"""The texts of an event in three languages, all as long as they may be (37,140 characters at up to twelve bytes each),
and 2,000 people ticked on paper.
"""
DOOR = Body(1024 * 1024)
"""500 scans and 100 people without a registration, each as long as it may be."""


class Forms(FormDataParser):
    """Reads forms, after counting the fields of one that is not in parts: werkzeug bounds only those in parts."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Raises RequestEntityTooLarge."""
        if mimetype == "application/x-www-form-urlencoded" and self.max_form_parts is not None:
            sent = stream.read()
            if sent.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
            stream = BytesIO(sent)
        return super().parse(stream, mimetype, content_length, options)


class Bounded(Request):
    """A request whose body is bounded whole, and whose forms are counted before they are read."""

    form_data_parser_class = Forms

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body. Raises RequestEntityTooLarge."""
        most = self.max_content_length
        if self.content_length or most is None:
            return super().stream
        # Of a body without a length werkzeug reads as much as it may, and takes that for the whole.
        sent = get_input_stream(self.environ, max_content_length=most + 1).read()
        if len(sent) > most:
            raise RequestEntityTooLarge
        return BytesIO(sent)


def plug_into(app: Flask) -> None:
    """Bound every request of the app; before anything else looks at it."""
    app.request_class = Bounded
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = PUBLIC.size
    app.config["MAX_FORM_PARTS"] = PUBLIC.fields
    app.before_request(refuse_large_heads)


def set_body(body: Body) -> None:
    """Have this request read no more than this."""
    request.max_content_length = request.max_form_memory_size = body.size
    request.max_form_parts = body.fields


def refuse_large_heads() -> None:
    """Raises RequestURITooLarge, RequestHeaderFieldsTooLarge."""
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or max(map(len, path.split("/"))) > LONGEST_SEGMENT:
        raise RequestURITooLarge
    headers = sum(len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_"))
    if headers > LONGEST_HEADERS or len(environ.get("HTTP_COOKIE", "")) > LONGEST_COOKIES:
        raise RequestHeaderFieldsTooLarge
