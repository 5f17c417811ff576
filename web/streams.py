"""Responses that are sent while they are read: the one place besides web/routes.py that opens a transaction.

A route's transaction ends before its response is sent. A stream reads in a transaction of its own, row by row from the
server, so that a file of 100,000 rows is never whole in memory; it is rolled back if the visitor disconnects.
"""

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from flask import Response, stream_with_context
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from shared.database import stay_idle
from web.current import resources

ROWS_AT_ONCE = 1_000

Encode = Callable[[Iterable[Row[Any]]], Iterator[bytes]]
"""Encodes rows as the pieces of a file; it runs after the view, so it takes its translated words along."""


def stream(statement: str, values: Mapping[str, Any], encode: Encode, *, mimetype: str, filename: str) -> Response:
    """Return a file of a statement's rows, sent as it is made; `filename` is ASCII. Raises ServiceUnavailable.

    It occupies a thread until it is sent or the visitor disconnects: hence the lane.
    """
    lane = ExitStack()
    lane.enter_context(resources().lanes.take())
    answer = Response(stream_with_context(_pieces(statement, values, encode, lane)), content_type=mimetype)
    # A HEAD request starts no stream, whose end would free the lane.
    answer.call_on_close(lane.close)
    # A response that is dropped, since its transaction could not be committed, is not closed either.
    weakref.finalize(answer, lane.close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    # A proxy would buffer the whole file, and the browser would show no progress.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _pieces(statement: str, values: Mapping[str, Any], encode: Encode, lane: ExitStack) -> Iterator[bytes]:
    with lane, resources().transactions.begin() as db:
        stay_idle(db)
        yield from encode(_rows(db, statement, values))


def _rows(db: Session, statement: str, values: Mapping[str, Any]) -> Iterable[Row[Any]]:
    return db.execute(text(statement), values, execution_options={"yield_per": ROWS_AT_ONCE})
