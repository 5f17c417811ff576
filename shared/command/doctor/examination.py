"""The installation that is examined, what is wrong with it, and a check that finds it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from shared.command.transaction import transaction
from shared.config import Settings, read_settings


@dataclass(frozen=True)
class Installation:
    """An installation: its environment, and the data folder if `turnout up` runs it.

    `selector` names its DKIM key, and is empty where the operator did not name it.
    """

    environment: Mapping[str, str]
    folder: Path | None = None
    selector: str = ""

    @cached_property
    def settings(self) -> Settings:
        """Return the settings. Raises SettingsError when one is wrong."""
        return read_settings(self.environment)

    @property
    def is_trial(self) -> bool:
        """Return whether it is `turnout up` on one machine, whose emails go to a folder on purpose."""
        return self.folder is not None

    def database(self) -> AbstractContextManager[Session]:
        """Return a transaction. Raises CannotStart when the database cannot be reached."""
        return transaction(self.settings)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and what to do about it."""

    wrong: str
    act: str

    def __str__(self) -> str:
        # A server's answer may have several lines.
        return " ".join(f"{self.wrong}: {self.act}".split())


@dataclass(frozen=True)
class Check:
    """A function that yields faults; it is skipped if a check that it `needs` found one."""

    name: str
    find: Callable[[Installation], Iterator[Fault]]
    needs: tuple[str, ...] = ()
