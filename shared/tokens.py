"""Tokens of two sorts.

Shown once (a paired phone, a signed-in browser): 32 random bytes, of which only the SHA-256 is stored. Shown again, or
emailed by the worker (a registration, a report, a pairing): `id.version.MAC`, derived anew from the secret whenever it
is needed, revoked by raising the version in its row. One that is valid for minutes only carries its end as well:
`id.version.end.MAC`, the end in seconds since 1970.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

PURPOSES = (
    "registration",
    "report",
    "headcount",
    "pairing",
    "unsubscribe",
    "screen",
    "invitation",
    "sign_in_link",
    "reset",
    "second_factor",
    "known_browser",
)
MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Subject:
    """The row that a verified token names, and the version of its link."""

    id: int
    version: int


def draw() -> str:
    """Draw a token that is shown once: 256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return the hash that is stored of a token that was shown once."""
    return sha256(token.encode()).digest()


def make(secret: bytes, purpose: str, *, id: int, version: int, end: int | None = None) -> str:  # noqa: A002 - the row's own word
    """Make a token that can be shown again, for a row and a purpose; `end` is when it expires."""
    numbers = (id, version) if end is None else (id, version, end)
    return f"{'.'.join(map(str, numbers))}.{_mac(secret, purpose, numbers)}"


def verify(secrets_: Sequence[bytes], purpose: str, token: str) -> Subject | None:
    """Return the row that a token names, or None unless one of our secrets made it for this purpose.

    The caller, who has the row, checks if the version is still current.
    """
    try:
        number, version = (int(part) for part in token.split(".")[:2])
    except ValueError:
        return None
    # Comparing whole tokens refuses other spellings of the same numbers; in constant time, for each secret.
    genuine = [
        hmac.compare_digest(make(secret, purpose, id=number, version=version).encode(), token.encode())
        for secret in secrets_
    ]
    return Subject(number, version) if any(genuine) else None


def verify_until(secrets_: Sequence[bytes], purpose: str, token: str, *, now: datetime) -> Subject | None:
    """Do the same for a token that carries its end; return None once that has passed."""
    try:
        number, version, end = (int(part) for part in token.split(".")[:3])
    except ValueError:
        return None
    genuine = [
        hmac.compare_digest(make(secret, purpose, id=number, version=version, end=end).encode(), token.encode())
        for secret in secrets_
    ]
    return Subject(number, version) if any(genuine) and end > now.timestamp() else None


def first_code(secret: bytes) -> str:
    """Return the code that is printed while no account exists and typed on the first visit: ten letters of 50 bits."""
    drawn = hmac.digest(secret, b"turnout first account", sha256)
    return base64.b32encode(drawn).decode()[:10]


def is_first_code(secrets_: Sequence[bytes], code: str) -> bool:
    """Return whether one of our secrets made this code."""
    typed = "".join(code.split()).replace("-", "").upper().encode()
    return any(hmac.compare_digest(first_code(secret).encode(), typed) for secret in secrets_)


def _mac(secret: bytes, purpose: str, numbers: tuple[int, ...]) -> str:
    if purpose not in PURPOSES:
        raise ValueError(purpose)
    key = hmac.digest(secret, f"turnout token {purpose}".encode(), sha256)
    mac = hmac.digest(key, ".".join(map(str, numbers)).encode(), sha256)[:MAC_BYTES]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
