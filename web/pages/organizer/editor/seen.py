"""Two people at one form: each form says what it showed, and one that shows what is no more is refused.

Whoever edits another part of the event is in nobody's way: the version alone says "something changed", the digest of
the part's own values says that it was this.
"""

from collections.abc import Mapping
from hashlib import sha256

from flask import request

from shared.errors import Conflicting
from shared.models import Event

FIELD = "version"


class Stale(Conflicting):
    """Somebody else saved this part while it was being edited here."""


def stamp(event: Event, shown: Mapping[str, str]) -> str:
    """What a form carries: the event's version, and a digest of what the form shows."""
    return f"{event.version}.{_digest(shown)}"


def check(event: Event, shown: Mapping[str, str]) -> None:
    """Raises Stale when what the sent form showed is not what is kept now; the event must be locked."""
    version, _, digest = request.form.get(FIELD, "").partition(".")
    if version != str(event.version) and digest != _digest(shown):
        raise Stale("stale")


def differences(shown: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """What is kept now in each field where something else was typed."""
    return {name: now for name, now in shown.items() if _plain(now) != _plain(typed.get(name, ""))}


def _digest(shown: Mapping[str, str]) -> str:
    said = "\0".join(f"{name}={value}" for name, value in sorted(shown.items()))
    return sha256(said.encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    # Browsers send lines as CRLF.
    return text.replace("\r\n", "\n").strip()
