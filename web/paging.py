"""Paging through lists."""

from flask import request

LAST_PAGE = 10_000


def page_number(name: str = "page") -> int:
    """Return the page number in the address under this name, from 1; any other text is the first page."""
    return min(max(request.args.get(name, 1, int), 1), LAST_PAGE)
