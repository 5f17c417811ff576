"""The second factor of a sign-in: codes of an app (TOTP, RFC 6238), and recovery codes for when the phone is lost.

A secret is sealed before it is stored: whoever reads the database alone cannot make codes.
"""

import hmac
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.tickets import CROCKFORD, LOOKALIKES

STEP_SECONDS = 30
DRIFT = 1
"""Steps that a phone's clock may be off, to either side."""
RECOVERY_CODES = 10
LONGEST_LABEL = 56
"""What a code of 134 bytes has left beside the secret and our name."""
_NONCE = 12
_LETTERS = 12


def draw() -> str:
    """Draw a secret: 160 random bits in base32, as an app takes it."""
    return pyotp.random_base32()


def seal(secrets_: Sequence[bytes], secret: str, *, account_id: int) -> bytes:
    """What is stored of a secret: AES-256-GCM under a key derived from our newest one, good for this account only."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(secrets_[0])).encrypt(nonce, secret.encode(), _bound(account_id))


def unseal(secrets_: Sequence[bytes], sealed: bytes, *, account_id: int) -> str | None:
    """The secret again; None when none of ours sealed it for this account."""
    opened = (_open(secret, sealed, account_id) for secret in secrets_)
    return next((secret for secret in opened if secret), None)


def address(secret: str, *, email: str, issuer: str = "Turnout") -> str:
    """What the QR code says to an app; the label is cut where a whole one would not fit into the code."""
    labels = (quote(email[:end], safe="@") for end in range(len(email), -1, -1))
    label = next(one for one in labels if len(one) <= LONGEST_LABEL)
    return f"otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}"


def code_at(secret: str, moment: datetime) -> str:
    """The six digits that an app shows at a moment."""
    return pyotp.TOTP(secret).at(moment)


def step_of(secret: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """The step that a code belongs to, at most one away from now and later than `after`; None for a wrong code."""
    step, typed = int(now.timestamp()) // STEP_SECONDS, "".join(code.split()).encode()
    totp = pyotp.TOTP(secret)
    good = [one for one in range(step - DRIFT, step + DRIFT + 1) if after is None or one > after]
    matching = [one for one in good if hmac.compare_digest(totp.generate_otp(one).encode(), typed)]
    return matching[0] if matching else None


def draw_recovery_codes() -> list[str]:
    """Draw codes of 60 random bits each, in three groups of letters that are not mistaken for each other."""
    drawn = ("".join(secrets.choice(CROCKFORD) for _ in range(_LETTERS)) for _ in range(RECOVERY_CODES))
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in drawn]


def recovery_hash(code: str) -> bytes:
    """What is kept of a recovery code, however it is spelt."""
    return sha256("".join(code.split()).upper().translate(LOOKALIKES).encode()).digest()


def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"turnout second factor").derive(secret)


def _bound(account_id: int) -> bytes:
    return b"account %d" % account_id


def _open(secret: bytes, sealed: bytes, account_id: int) -> str | None:
    try:
        return AESGCM(_key(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(account_id)).decode()
    except (InvalidTag, ValueError):
        return None
