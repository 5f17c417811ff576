"""Two people at one form: each form says what it showed, and one that shows what is no more is refused.

It carries a digest of its own values alone, so whoever edits another part of the same thing is in nobody's way.
"""

from collections.abc import Mapping
from hashlib import sha256

from flask import request

from shared.errors import Conflicting, DomainError

FIELD = "version"


class Stale(Conflicting):
    """Somebody else saved this while it was being edited here."""

    reason = "stale"


def stamp(shown: Mapping[str, str]) -> str:
    """What a form carries: a digest of what it shows."""
    said = "\0".join(f"{name}={value}" for name, value in sorted(shown.items()))
    return sha256(said.encode()).hexdigest()[:16]


def stamp_again(shown: Mapping[str, str], error: DomainError | None) -> str:
    """What a form carries that comes back after a refusal: what it carried, until it shows what somebody else saved."""
    return stamp(shown) if error is None or isinstance(error, Stale) else request.form.get(FIELD, "")


def check(shown: Mapping[str, str]) -> None:
    """Raises Stale when what the sent form showed is not what is kept now; whatever is shown must be locked."""
    if request.form.get(FIELD) != stamp(shown):
        raise Stale


def differences(shown: Mapping[str, str], typed: Mapping[str, str], error: DomainError | None) -> dict[str, str]:
    """What is kept now in each field where something else was typed; nothing where that is not why it was refused."""
    if not isinstance(error, Stale):
        return {}
    return {name: now for name, now in shown.items() if _plain(now) != _plain(typed.get(name, ""))}


def _plain(text: str) -> str:
    # Browsers send lines as CRLF.
    return text.replace("\r\n", "\n").strip()
