"""What the running app holds, for whoever answers a request: settings, ways to the database, limits."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from shared.config import Settings
from web.lanes import Lanes
from web.limits import Limiter


@dataclass(frozen=True)
class Resources:
    """Made once, by create_app."""

    settings: Settings
    transactions: sessionmaker[Session]
    single_statements: sessionmaker[Session]
    """On AUTOCOMMIT: a route whose operation is one statement is one round trip, and holds no row across another."""
    limiter: Limiter
    lanes: Lanes = field(default_factory=Lanes)


def resources() -> Resources:
    """What create_app made."""
    return cast(Resources, current_app.extensions["turnout"])


def settings() -> Settings:
    """The settings of the running app."""
    return resources().settings
