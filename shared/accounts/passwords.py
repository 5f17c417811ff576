"""Passwords: argon2id (RFC 9106), a few at a time, with the same work whether or not there is one to compare with.

A hash costs 64 MiB and an eighth of a second of a core, and anyone may cause one. So one process makes one at a time
and lets one more wait; others get an error at once, and at least two of its four threads stay free for pages.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from shared.errors import Busy, Invalid
from shared.models import Account

SHORTEST, LONGEST = 8, 200
FEWEST_CHARACTERS = 4
"""Different ones: "abababab" has two, eight spaces one."""
SHORTEST_NAME = 4
"""Letters of a name that must not be the whole password; shorter words occur in too many good ones."""
PATIENCE_SECONDS = 2.0

COMMON = Path(__file__).with_name("common_passwords.txt")
KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
"""The keys of a Russian keyboard on a Latin one: "йцукенгш" is as common as "qwertyui"."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_NOBODY = _hasher.hash("nobody has this password")
_hashing = threading.Semaphore(1)
_admitted = threading.Semaphore(2)


def require_good(password: str, *, names: Iterable[str] = ()) -> None:
    """Refuse a password outside 8 to 200 characters, a common one, and one that is a name around its account.

    Raises Invalid. After NIST SP 800-63B-4, section 3.1.1.2, and OWASP ASVS 5.0, 6.2.4 and 6.2.11; the list holds the
    4,000 most common ones of 8 characters and more.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "password_length")
    folded = password.casefold()
    if _is_plain(folded) or _common() & {folded, folded.translate(KEYS), _letters(folded)}:
        raise Invalid("password", "password_common")
    if _letters(folded) in {_letters(word) for word in _words(("turnout", *names))}:
        raise Invalid("password", "password_named")


def hash_password(password: str) -> str:
    """Return the hash to store.

    Raises Busy while too many are made, Invalid for a password outside 8 to 200 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "password_length")
    with _in_turn():
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether it is the password, after the same work when there is none.

    Raises Busy while too many are compared.
    """
    with _in_turn():
        try:
            return _hasher.verify(password_hash or _NOBODY, password[: LONGEST + 1]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def require_current(account: Account, password: str, *, field: str = "password") -> None:
    """Require the current password before an act that takes over an account. Raises Invalid for another one, Busy.

    An account without a password, which signs in by email alone, needs none.
    """
    if account.password_hash is not None and not matches(account.password_hash, password):
        raise Invalid(field, "password_wrong")


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise Busy("signing_in")
    try:
        if not _hashing.acquire(timeout=PATIENCE_SECONDS):
            raise Busy("signing_in")
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _admitted.release()


def _is_plain(text: str) -> bool:
    """Return whether it has few different characters, or is a run such as 12345678 or hgfedcba."""
    steps = {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
    return len(set(text)) < FEWEST_CHARACTERS or steps <= {1} or steps <= {-1}


def _words(names: Iterable[str]) -> Iterator[str]:
    """Return each name as a whole, and each word of it."""
    for name in names:
        folded = name.casefold()
        words = "".join(sign if sign.isalpha() else " " for sign in folded).split()
        yield from (word for word in (folded, *words) if len(_letters(word)) >= SHORTEST_NAME)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())
