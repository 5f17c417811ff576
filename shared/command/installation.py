"""The installation that `turnout up` runs on a data folder, for commands run beside it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import click

from shared.command.home import DATA, Home, is_locked, write_private
from shared.command.processes import CannotStart
from shared.config import Settings, read_settings

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help=f"The folder of a running `turnout up`; without it what DATABASE_URL names, else {DATA}.",
)


def publish(home: Home, environment: Mapping[str, str]) -> None:
    """Publish the parts' environment to other commands: the installation is ready."""
    write_private(_file(home.path), json.dumps(dict(environment)))


def unpublish(home: Home) -> None:
    """Unpublish the environment, so that commands wait for the start that has only begun."""
    _file(home.path).unlink(missing_ok=True)


def find_settings(data: Path | None) -> Settings:
    """Return the settings of the environment where it names a database, else of the installation that runs on a data
    folder.

    Raises SettingsError, with one line.
    """
    if data is None and os.environ.get("DATABASE_URL"):
        return read_settings()
    return read_settings(find_environment(data))


def find_environment(data: Path | None) -> Mapping[str, str]:
    """Return the environment of the installation that runs on a data folder. Raises CannotStart, with one line."""
    folder = (data or DATA).absolute()
    if not is_locked(folder):
        raise CannotStart(f"no Turnout runs on {folder}: start it with `turnout up`, or set DATABASE_URL")
    try:
        environment: dict[str, str] = json.loads(_file(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotStart(f"Turnout on {folder} is still starting: wait until it has printed its tour") from None
    except PermissionError:
        raise CannotStart(f"{folder} belongs to another user: give this command as the one who started it") from None
    return environment


def _file(folder: Path) -> Path:
    return folder / "environment.json"
