"""Which page of a list an address asks for."""

from flask import request

LAST_PAGE = 10_000


def page_number(name: str = "page") -> int:
    """The number in the address under this name, from 1; what is no number is the first page."""
    return min(max(request.args.get(name, 1, int), 1), LAST_PAGE)
