"""Conditional responses: a repeated request is answered 304 if the content of a page, feed or picture has
not changed.
"""

from hashlib import sha256

from flask import Response, request

PRIVATE = "private, no-cache"


def conditional(answer: Response, content: str, *, cache: str = PRIVATE) -> Response:
    """Return the response, or 304 to a client that has it. `content` is what it is made of, without what differs each
    time.

    The tag is weak: a proxy may compress.
    """
    answer.headers["Cache-Control"] = cache
    answer.set_etag(tag_of(content), weak=True)
    answer.make_conditional(request)
    return answer


def tag_of(content: str) -> str:
    """Return the tag of a content."""
    return sha256(content.encode()).hexdigest()[:20]
