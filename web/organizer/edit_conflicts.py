"""Edit conflicts: each form carries a digest of the values that it showed, and is refused once they have changed.

The digest covers the form's own values alone, so that edits of another section do not conflict.
"""

from collections.abc import Mapping
from hashlib import sha256

from flask import request

from shared.errors import Conflicting, DomainError

FIELD = "version"


class Stale(Conflicting):
    """Someone else saved this while it was being edited."""

    reason = "stale"


def stamp(values: Mapping[str, str]) -> str:
    """Return the digest of a form's values."""
    text = "\0".join(f"{name}={value}" for name, value in sorted(values.items()))
    return sha256(text.encode()).hexdigest()[:16]


def stamp_again(values: Mapping[str, str], error: DomainError | None) -> str:
    """Return the digest for a form that was refused: the one that was sent, unless the form now shows what someone else
    saved.
    """
    return stamp(values) if error is None or isinstance(error, Stale) else request.form.get(FIELD, "")


def check(values: Mapping[str, str]) -> None:
    """Raise Stale if the stored values are not those that the sent form showed; their row must be locked."""
    if request.form.get(FIELD) != stamp(values):
        raise Stale


def differences(values: Mapping[str, str], typed: Mapping[str, str], error: DomainError | None) -> dict[str, str]:
    """Return the stored value of each field with a different submitted one; nothing unless the refusal is an edit
    conflict.
    """
    if not isinstance(error, Stale):
        return {}
    return {name: stored for name, stored in values.items() if _plain(stored) != _plain(typed.get(name, ""))}


def _plain(text: str) -> str:
    # Browsers send lines as CRLF.
    return text.replace("\r\n", "\n").strip()
