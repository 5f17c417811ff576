"""A file that a passphrase seals: encrypted and authenticated in chunks, so that any length takes little memory.

The file is MAGIC, a salt, a tag that tells a wrong passphrase from a damaged file, and the chunks. Argon2id makes the
key from the passphrase (RFC 9106, section 4: the second choice). ChaCha20-Poly1305 seals each chunk, with its number
and whether it is the last as nonce: no chunk can be changed, moved, repeated or left out, and no end cut off. It is the
STREAM of Hoang, Reyhanitabar, Rogaway and Vizár (2015), as age has it.
"""

import secrets
from collections.abc import Iterable, Iterator
from itertools import count
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from shared.command.processes import CannotStart

MAGIC = b"turnout backup 1\n"
SALT_BYTES = 16
TAG_BYTES = 16
CHUNK_BYTES = 64 * 1024
ITERATIONS, LANES, MEMORY_KIB = 3, 4, 64 * 1024
_OF_THE_KEY = b"\xff" * 12
"""The nonce of the tag in front; no chunk has it."""


def seal(output: IO[bytes], passphrase: str, content: Iterable[bytes]) -> None:
    """Write the content to a file, sealed by a passphrase."""
    header = MAGIC + secrets.token_bytes(SALT_BYTES)
    cipher = _cipher(passphrase, header)
    output.write(header + cipher.encrypt(_OF_THE_KEY, b"", header))
    for number, (chunk, is_last) in enumerate(_chunks(content)):
        output.write(cipher.encrypt(_nonce(number, is_last), chunk, header))


def unseal(file: IO[bytes], passphrase: str) -> Iterator[bytes]:
    """Yield the content of a sealed file, each part authenticated; it is whole only when the iteration ends.

    Raises CannotStart for another file, another passphrase, and a file that is cut short or damaged.
    """
    header = file.read(len(MAGIC) + SALT_BYTES)
    if not header.startswith(MAGIC):
        raise CannotStart("this file is no backup of Turnout, or one of a later version")
    cipher = _cipher(passphrase, header)
    _open(cipher, _OF_THE_KEY, file.read(TAG_BYTES), header, "the passphrase is wrong")
    chunk = file.read(CHUNK_BYTES + TAG_BYTES)
    for number in count():
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        yield _open(cipher, _nonce(number, not following), chunk, header, "the backup is cut short or damaged")
        if not following:
            return
        chunk = following


def _open(cipher: ChaCha20Poly1305, nonce: bytes, sealed: bytes, header: bytes, otherwise: str) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, header)
    except InvalidTag:
        raise CannotStart(otherwise) from None


def _cipher(passphrase: str, header: bytes) -> ChaCha20Poly1305:
    salt = header[len(MAGIC) :].ljust(SALT_BYTES)  # too short where the file is cut there, which no key opens
    kdf = Argon2id(salt=salt, length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    return ChaCha20Poly1305(kdf.derive(passphrase.encode()))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _chunks(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the content in chunks of one size; the last one is shorter, and marked."""
    buffer = bytearray()
    for part in content:
        buffer += part
        while len(buffer) > CHUNK_BYTES:
            yield bytes(buffer[:CHUNK_BYTES]), False
            del buffer[:CHUNK_BYTES]
    yield bytes(buffer), True
