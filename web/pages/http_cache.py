"""Who has been here before is answered 304: what a page, a feed or a picture is made of tells if it is the same."""

from hashlib import sha256

from flask import Response, request


def conditional(answer: Response, content: str, *, cache: str = "private, no-cache") -> Response:
    """The answer, or 304 to who has it. `content` is what it is made of, without what differs each time.

    The tag is weak: a proxy may compress.
    """
    answer.headers["Cache-Control"] = cache
    answer.set_etag(sha256(content.encode()).hexdigest()[:20], weak=True)
    answer.make_conditional(request)
    return answer
