"""The hidden field `once`: it tells one sent form from another, and says when its page left.

128 random bits, the second, and a MAC of both. It is put into a page as it leaves, so that the page itself stays the
same for everybody and can be answered 304. A field without a time (a program's, a test's) says nothing about time.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from shared import clock
from shared.i18n import deferred, gettext

SOONEST, LATEST = timedelta(seconds=2), timedelta(hours=24)
TOO_SOON = deferred("registration.too_soon_error")
TOO_LATE = deferred("registration.too_late_error")


def draw(secret: bytes) -> str:
    """A new value for a page that leaves now."""
    marked = f"{secrets.token_urlsafe(16)}.{int(clock.now().timestamp())}"
    return f"{marked}.{_mac(secret, marked)}"


def left_at(secrets_: Sequence[bytes], once: str) -> datetime | None:
    """When the page left, if one of our secrets says so."""
    marked, _, mac = once.rpartition(".")
    second = marked.rpartition(".")[2]
    if not (once.isascii() and second.isdigit() and len(second) < 12):
        return None
    if not any(hmac.compare_digest(_mac(secret, marked).encode(), mac.encode()) for secret in secrets_):
        return None
    return datetime.fromtimestamp(int(second), clock.now().tzinfo)


def fault(secrets_: Sequence[bytes], once: str) -> str:
    """What is wrong with the time at which a form came back, in words; empty when nothing is."""
    left = left_at(secrets_, once)
    if left is None:
        return ""
    age = clock.now() - left
    if age < SOONEST:
        return gettext(TOO_SOON)
    return gettext(TOO_LATE) if age > LATEST else ""


def _mac(secret: bytes, marked: str) -> str:
    key = hmac.digest(secret, b"turnout page", sha256)
    return base64.urlsafe_b64encode(hmac.digest(key, marked.encode(), sha256)[:16]).decode().rstrip("=")
