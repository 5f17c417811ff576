"""One transaction of a command, on an engine of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import make_engine, make_sessions


@contextmanager
def transaction(settings: Settings) -> Iterator[Session]:
    """Yield a session whose work is committed at the end of the block, or not at all."""
    engine = make_engine(settings)
    try:
        with make_sessions(engine).begin() as db:
            yield db
    finally:
        engine.dispose()
