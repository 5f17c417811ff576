"""The resources of the running app: settings, database sessions, limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from shared.config import Settings
from shared.models import Device, Event
from web.kept import Kept
from web.kept_pages import KeptPage
from web.lanes import Lanes
from web.limits import Limiter


@dataclass(frozen=True)
class KeptSetup:
    """What the phones of a pass decide by (web/api/answers.py), and its hash."""

    facts: Mapping[str, Any]
    tag: str


Found = TypeVar("Found")


@dataclass(frozen=True)
class KeptEvent:
    """An event with everything that its page shows, and that page in each language in which it was asked for, and
    around forms that were refused.

    It belongs to no session: several threads read it, and none may write it.
    """

    event: Event
    pages: dict[str, KeptPage] = field(default_factory=dict)
    frames: dict[tuple[str, bool, bool], KeptPage] = field(default_factory=dict)
    """By language, whether the form as a whole was refused, and whether a field is wrong."""


@dataclass(frozen=True)
class Resources:
    """The resources that create_app makes once."""

    settings: Settings
    transactions: sessionmaker[Session]
    single_statements: sessionmaker[Session]
    """On AUTOCOMMIT: a route with a single statement costs one round trip, and locks no row across another."""
    limiter: Limiter
    lanes: Lanes = field(default_factory=Lanes)
    events: Kept[str, KeptEvent] = field(default_factory=Kept)
    """By slug."""
    devices: Kept[bytes, Device] = field(default_factory=Kept)
    """By the digest of their token, each with its pass, door and event."""
    setups: Kept[int, KeptSetup] = field(default_factory=Kept)
    """By the id of the door pass."""
    lists: Kept[tuple[str, str], KeptPage] = field(default_factory=Kept)
    """The list of events, by language and query."""
    files: Kept[tuple[str, str], bytes] = field(default_factory=lambda: Kept(seconds=60))
    """Calendars, feeds and the sitemap, by name and language: programs ask for them every hour."""

    def read(self, find: Callable[[Session], Found]) -> Found:
        """Return what is found in a session of its own: afterwards it belongs to none, and threads may share it."""
        with self.single_statements.begin() as db:
            return find(db)

    def forget(self) -> None:
        """Forget all that is kept: a member has changed something."""
        for kept in (self.events, self.devices, self.setups, self.lists, self.files):
            kept.forget()


def resources() -> Resources:
    """Return the resources of the running app."""
    return cast(Resources, current_app.extensions["turnout"])


def settings() -> Settings:
    """Return the settings of the running app."""
    return resources().settings
