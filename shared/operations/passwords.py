"""Passwords: argon2id, and the same work whether or not there is one to compare with."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Invalid

SHORTEST, LONGEST = 8, 200

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """What is kept of a password. Raises Invalid for one outside 8 to 200 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "password_length")
    return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; takes as long where there is none."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password[: LONGEST + 1]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
