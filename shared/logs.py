"""Logs: one JSON object per line on standard error, from web and worker alike.

A line never holds a path (paths hold tokens), an address or a name; a stack comes without values of variables, and of
each message only the first line: the database and pydantic put values on the next ones.

A full disk costs lines, and neither an answer nor a tick.
"""

import logging
import re
import sys
from contextlib import suppress
from io import TextIOBase
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.clock import now
from shared.config import Settings


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {"at": now().isoformat(timespec="milliseconds"), **event}


def _shorten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {key: _first_lines(value) for key, value in event.items()}


def _first_lines(value: Any) -> Any:
    if isinstance(value, str):
        return _END_OF_LINE.split(value, 1)[0]
    if isinstance(value, dict):
        return {key: _first_lines(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_first_lines(item) for item in value]
    return value


_END_OF_LINE = re.compile(r"\n|\\n")
"""A line break, as it is and as it looks in a repr: Celery puts the repr of an error into its own message."""

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    _stamp,
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    _shorten,
]


class _Lossy(TextIOBase):
    """A stream that loses what it cannot write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        with suppress(OSError):
            self._stream.write(line)
        return len(line)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure(settings: Settings) -> None:
    """Send all logs, ours and libraries', through one format. Called once when a process starts."""
    stream = cast(TextIO, _Lossy(sys.stderr))
    level = getattr(logging, settings.turnout_log_level.upper())
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
