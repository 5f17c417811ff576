"""The check for programs that `turnout up` needs and this machine lacks: it lists all, before anything starts."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from shared.command import front, postgres, redis
from shared.command.processes import CannotStart

BY_MAKE = "`make environment` installs it"


def require_parts() -> None:
    """Raise CannotStart with a line for each part that is missing, and how to install it."""
    faults = [_fault(find) for find in (postgres.package, redis.program, front.program, _mailbox, _scanner)]
    if missing := [fault for fault in faults if fault]:
        raise CannotStart("\nturnout: ".join(missing))


def _fault(find: Callable[[], object]) -> str:
    try:
        find()
    except CannotStart as error:
        return str(error)
    return ""


def _mailbox() -> None:
    if find_spec("aiosmtpd") is None:
        raise CannotStart(f"aiosmtpd is missing: {BY_MAKE}")


def _scanner() -> None:
    web = find_spec("web")
    folders = web.submodule_search_locations if web else None
    if not any((Path(folder) / "static" / "built" / "door.js").exists() for folder in folders or ()):
        raise CannotStart("the door scanner is not built: `make front-end` builds it")
