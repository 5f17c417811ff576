"""Logs: one JSON object a line, on the standard error, from web and worker alike.

A line never holds a path (paths hold tokens), an address or a name; a stack comes without the values of variables, and
of what an error says only the first line: the database and pydantic put values on the next ones.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.clock import now
from shared.config import Settings


def _stamp(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {"at": now().isoformat(timespec="milliseconds"), **event}


def _shorten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for error in event.get("exception", ()):
        error["exc_value"] = error["exc_value"].partition("\n")[0]
    return event


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
