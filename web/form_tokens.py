"""The hidden field `once`: it identifies a sent form and says when its page was served.

128 random bits, the second, and a MAC of both. It is inserted as the page is sent, so that the page itself is the same
for everyone and can be answered 304. A field without a time (a program's, a test's) says nothing about time.
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


def issue(secret: bytes) -> str:
    """Return a new value for a page that is sent now."""
    payload = f"{secrets.token_urlsafe(16)}.{int(clock.now().timestamp())}"
    return f"{payload}.{_mac(secret, payload)}"


def issued_at(secrets_: Sequence[bytes], once: str) -> datetime | None:
    """Return when the page was sent, if one of the secrets signed the value; else None."""
    payload, _, mac = once.rpartition(".")
    second = payload.rpartition(".")[2]
    if not (once.isascii() and second.isdigit() and len(second) < 12):
        return None
    if not any(hmac.compare_digest(_mac(secret, payload).encode(), mac.encode()) for secret in secrets_):
        return None
    return datetime.fromtimestamp(int(second), clock.now().tzinfo)


def timing_error(secrets_: Sequence[bytes], once: str) -> str:
    """Return a sentence if the form came back too soon or too late; else empty."""
    issued = issued_at(secrets_, once)
    if issued is None:
        return ""
    age = clock.now() - issued
    if age < SOONEST:
        return gettext(TOO_SOON)
    return gettext(TOO_LATE) if age > LATEST else ""


def _mac(secret: bytes, payload: str) -> str:
    key = hmac.digest(secret, b"turnout page", sha256)
    return base64.urlsafe_b64encode(hmac.digest(key, payload.encode(), sha256)[:16]).decode().rstrip("=")
