"""Logs: one JSON object a line, on the standard error, from web and worker alike.

A line never holds a path (paths hold tokens), an address or a name; a stack comes without the values of variables, and
of whatever is said only the first line: the database and pydantic put values on the next ones.
"""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.clock import now
from shared.config import Settings


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {"at": now().isoformat(timespec="milliseconds"), **event}


def _shorten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {key: _first_lines(said) for key, said in event.items()}


def _first_lines(said: Any) -> Any:
    if isinstance(said, str):
        return _END_OF_LINE.split(said, 1)[0]
    if isinstance(said, dict):
        return {key: _first_lines(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_first_lines(value) for value in said]
    return said


_END_OF_LINE = re.compile(r"\n|\\n")
"""As it is, and as it stands in a repr: Celery says an error so in its own message."""

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    _stamp,
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    _shorten,
]


def configure(settings: Settings) -> None:
    """Send all that is logged, by us and by libraries, through one format. Called once when a process starts."""
    level = getattr(logging, settings.turnout_log_level.upper())
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
