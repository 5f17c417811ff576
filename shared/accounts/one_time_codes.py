"""The second factor of a sign-in: codes of an app (TOTP, RFC 6238), and recovery codes for a lost phone.

A secret is sealed before it is stored: with the database alone no one can make codes.
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
"""Steps that a phone's clock may be off, in either direction."""
RECOVERY_CODES = 10
LONGEST_LABEL = 56
"""Characters that a QR code of 134 bytes leaves beside the secret and our name."""
_NONCE = 12
_LETTERS = 12


def draw() -> str:
    """Draw a secret: 160 random bits in base32, as an app takes it."""
    return pyotp.random_base32()


def seal(secrets_: Sequence[bytes], secret: str, *, account_id: int) -> bytes:
    """Return a secret as it is stored: AES-256-GCM under a key of our newest secret, valid for this account only."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(secrets_[0])).encrypt(nonce, secret.encode(), _bound(account_id))


def unseal(secrets_: Sequence[bytes], sealed: bytes, *, account_id: int) -> str | None:
    """Return the secret again, or None when none of ours sealed it for this account."""
    opened = (_open(secret, sealed, account_id) for secret in secrets_)
    return next((secret for secret in opened if secret), None)


def address(secret: str, *, email: str, issuer: str = "Turnout") -> str:
    """Return the address in the QR code for the app; the label is cut when the whole one does not fit into the code."""
    labels = (quote(email[:end], safe="@") for end in range(len(email), -1, -1))
    label = next(candidate for candidate in labels if len(candidate) <= LONGEST_LABEL)
    return f"otpauth://totp/{issuer}:{label}?secret={secret}&issuer={issuer}"


def code_at(secret: str, moment: datetime) -> str:
    """Return the six digits that an app shows at a moment."""
    return pyotp.TOTP(secret).at(moment)


def step_of(secret: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """Return the step of a code, at most one away from now and later than `after`; None for a wrong code."""
    step, typed = int(now.timestamp()) // STEP_SECONDS, "".join(code.split()).encode()
    totp = pyotp.TOTP(secret)
    good = [number for number in range(step - DRIFT, step + DRIFT + 1) if after is None or number > after]
    matching = [number for number in good if hmac.compare_digest(totp.generate_otp(number).encode(), typed)]
    return matching[0] if matching else None


def draw_recovery_codes() -> list[str]:
    """Draw ten codes of 60 random bits each, in three groups of letters that cannot be mistaken for each other."""
    drawn = ("".join(secrets.choice(CROCKFORD) for _ in range(_LETTERS)) for _ in range(RECOVERY_CODES))
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in drawn]


def recovery_hash(code: str) -> bytes:
    """Return the hash that is stored of a recovery code, in whatever spelling it was typed."""
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
