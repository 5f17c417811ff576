"""Conditional responses: a repeated request is answered 304 if the content of a page, feed or picture has
not changed.
"""

from hashlib import sha256

from flask import Response, request


def conditional(answer: Response, content: str, *, cache: str = "private, no-cache") -> Response:
    """Return the response, or 304 to a client that has it. `content` is what it is made of, without what differs each
    time.

    The tag is weak: a proxy may compress.
    """
    answer.headers["Cache-Control"] = cache
    answer.set_etag(sha256(content.encode()).hexdigest()[:20], weak=True)
    answer.make_conditional(request)
    return answer
