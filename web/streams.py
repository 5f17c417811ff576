"""Answers that are sent while they are read: the one place besides web/routes.py that opens a transaction.

A route's transaction ends before its answer leaves. What is streamed is read in one of its own, row by row from the
server, so that a file of 100,000 rows is never whole in memory; when the visitor goes away it is rolled back.
"""

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from flask import Response, stream_with_context
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from web.current import resources

ROWS_AT_ONCE = 1_000

Made = Callable[[Iterable[Row[Any]]], Iterator[bytes]]
"""What makes the pieces of a file of rows; it runs after the view, so it brings its words along."""


def stream(statement: str, values: Mapping[str, Any], made: Made, *, mimetype: str, filename: str) -> Response:
    """A file made of a statement's rows, sent as it grows; `filename` is ASCII. Raises ServiceUnavailable.

    Until it is sent, or whom it is for has gone, it keeps a thread: hence the lane.
    """
    lane = ExitStack()
    lane.enter_context(resources().lanes.one())
    answer = Response(stream_with_context(_pieces(statement, values, made, lane)), content_type=mimetype)
    # A HEAD request begins no pieces, whose end would give the lane back.
    answer.call_on_close(lane.close)
    # Nor is an answer closed that is dropped, since what it was promised with could not be committed.
    weakref.finalize(answer, lane.close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    # A proxy that waits for the whole would keep it, and the browser would show no progress.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _pieces(statement: str, values: Mapping[str, Any], made: Made, lane: ExitStack) -> Iterator[bytes]:
    with lane, resources().transactions.begin() as db:
        yield from made(_rows(db, statement, values))


def _rows(db: Session, statement: str, values: Mapping[str, Any]) -> Iterable[Row[Any]]:
    return db.execute(text(statement), values, execution_options={"yield_per": ROWS_AT_ONCE})
