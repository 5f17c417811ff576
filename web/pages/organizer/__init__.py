"""What organizers see: their events, doors, the evening as it happens, and the report."""

from flask import Response


def kept_by_nobody(response: Response) -> Response:
    """Pairing codes and figures stay out of caches, unless the page says otherwise."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
