"""Passwords: argon2id (RFC 9106), a few at a time, and the same work whether or not there is one to compare with.

A hash costs 64 MiB and an eighth of a second of a core, and anyone may ask for one. So one process makes one at a time
and lets one more wait; others are told to come back at once, and at least two of its four threads stay free for pages.
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
"""Letters of a name that must not be the whole password; shorter words are part of too many good ones."""
PATIENCE_SECONDS = 2.0

COMMON = Path(__file__).with_name("common_passwords.txt")
KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
"""What the keys of a Russian keyboard are on a Latin one: "йцукенгш" is as common as "qwertyui"."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_NOBODY = _hasher.hash("nobody has this password")
_hashing = threading.Semaphore(1)
_admitted = threading.Semaphore(2)


def require_good(password: str, *, names: Iterable[str] = ()) -> None:
    """Refuse a password outside 8 to 200 characters, a common one, and one that is a name of what it is for.

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


def hashed(password: str) -> str:
    """What is kept of a password. Raises Busy while too many are made, Invalid for one outside 8 to 200 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password", "password_length")
    with _in_turn():
        return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; takes as long where there is none. Raises Busy while too many are compared."""
    with _in_turn():
        try:
            return _hasher.verify(password_hash or _NOBODY, password[: LONGEST + 1]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def require_own(account: Account, password: str, *, field: str = "password") -> None:
    """Ask for the password again before an act that takes over an account. Raises Invalid for another one, Busy.

    An account that never had one, and signs in by email alone, is asked for none.
    """
    if account.password_hash is not None and not fits(account.password_hash, password):
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
    """Whether it is one character over and over, few of them, or a run such as 12345678 or hgfedcba."""
    steps = {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
    return len(set(text)) < FEWEST_CHARACTERS or steps <= {1} or steps <= {-1}


def _words(names: Iterable[str]) -> Iterator[str]:
    """Each name as a whole, and each word of it."""
    for name in names:
        folded = name.casefold()
        words = "".join(sign if sign.isalpha() else " " for sign in folded).split()
        yield from (word for word in (folded, *words) if len(_letters(word)) >= SHORTEST_NAME)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())
