"""The resources of the running app: settings, database sessions, limits."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from shared.config import Settings
from web.lanes import Lanes
from web.limits import Limiter


@dataclass(frozen=True)
class Resources:
    """The resources that create_app makes once."""

    settings: Settings
    transactions: sessionmaker[Session]
    single_statements: sessionmaker[Session]
    """On AUTOCOMMIT: a route with a single statement costs one round trip, and locks no row across another."""
    limiter: Limiter
    lanes: Lanes = field(default_factory=Lanes)


def resources() -> Resources:
    """Return the resources of the running app."""
    return cast(Resources, current_app.extensions["turnout"])


def settings() -> Settings:
    """Return the settings of the running app."""
    return resources().settings
