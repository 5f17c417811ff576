"""Ticket codes: made once, verified by every door without the server.

A code is 75 bytes in base32 (RFC 4648, upper case, 120 characters without padding), so that a QR code can stay small:

    3 bytes   number of the key (a row of ticket_key names event and version)
    8 bytes   ticket id
    64 bytes  Ed25519 signature (RFC 8032) over PREFIX and those 11 bytes
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = b"turnout ticket v1\n"
CODE_LENGTH = 120
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans("ILO", "110", "- ")


@dataclass(frozen=True, slots=True)
class Code:
    """The content of a code that has the right shape; verify() tells if it is genuine."""

    key_number: int
    ticket_id: str
    signature: bytes


def new_ticket_id() -> str:
    """Draw a ticket id: 64 random bits as 16 lower-case hex digits."""
    return secrets.token_hex(8)


def private_key(secret: bytes, *, event_id: int, version: int) -> Ed25519PrivateKey:
    """Derive an event's signing key from the secret (HKDF, RFC 5869), so that no private key is ever stored."""
    info = b"turnout ticket key %d.%d" % (event_id, version)
    return Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, None, info).derive(secret))


def public_key(secret: bytes, *, event_id: int, version: int) -> bytes:
    """Return the 32 bytes that phones receive and that tell which secret signed."""
    return private_key(secret, event_id=event_id, version=version).public_key().public_bytes_raw()


def find_private_key(
    secrets_: Sequence[bytes], *, event_id: int, version: int, public: bytes
) -> Ed25519PrivateKey | None:
    """Return the signing key of a stored public half, or None when none of our secrets made it."""
    keys = (private_key(secret, event_id=event_id, version=version) for secret in secrets_)
    return next((key for key in keys if key.public_key().public_bytes_raw() == public), None)


def sign(ticket_id: str, *, key_number: int, key: Ed25519PrivateKey) -> str:
    """Make the code of a ticket. The same ticket under the same key always gives the same code."""
    body = key_number.to_bytes(3, "big") + bytes.fromhex(ticket_id)
    return base64.b32encode(body + key.sign(PREFIX + body)).decode()


def read(text: str) -> Code | None:
    """Read a code, bare or at the end of an address whose host is ignored; return None for any other text."""
    code = text.strip().rpartition("/")[2].upper()
    if len(code) != CODE_LENGTH:
        return None
    try:
        raw = base64.b32decode(code)
    except (binascii.Error, ValueError):
        return None
    return Code(int.from_bytes(raw[:3], "big"), raw[3:11].hex(), raw[11:])


def verify(code: Code, public: bytes) -> bool:
    """Return whether the key with this public half signed the code."""
    body = code.key_number.to_bytes(3, "big") + bytes.fromhex(code.ticket_id)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(code.signature, PREFIX + body)
    except InvalidSignature:
        return False
    return True


def short_code(ticket_id: str) -> str:
    """Return the code to type when a camera fails.

    35 bits of the ticket id and a check character, in Crockford's base32.
    """
    bits = int(ticket_id, 16) >> 29
    digits = [bits >> shift & 31 for shift in range(30, -1, -5)]
    return "".join(CROCKFORD[digit] for digit in [*digits, _check(digits)])


def read_short_code(text: str) -> str | None:
    """Return a typed short code in its stored form, look-alikes corrected; None for a wrong or missing character."""
    typed = text.upper().translate(LOOKALIKES)
    digits = [CROCKFORD.find(character) for character in typed]
    if len(digits) != 8 or -1 in digits or digits[7] != _check(digits[:7]):
        return None
    return typed


def _check(digits: Sequence[int]) -> int:
    # Odd weights detect every single wrong character; different weights detect nearly every swap of neighbours.
    return sum((2 * index + 1) * digit for index, digit in enumerate(digits)) % 32
