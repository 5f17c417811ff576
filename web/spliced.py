"""A page that differs for each visitor in one word, packed before the word is known.

Deflate (RFC 1951) is a sequence of blocks. The pieces around the word are compressed once, each ending at a whole byte
and referring to nothing outside itself; the word is put between them as a stored block, and only the checksum of the
whole is computed for each visitor (gzip, RFC 1952).
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cached_property

LEVEL = 6
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LONGEST = 65_535


class Spliced:
    """A text with a placeholder, which may be missing or there several times."""

    def __init__(self, text: str, placeholder: str) -> None:
        self._pieces = [piece.encode() for piece in text.split(placeholder)]

    @cached_property
    def _packed(self) -> list[bytes]:
        return _packed(self._pieces)

    def fill(self, word: str) -> bytes:
        """Return the text with the word in place of the placeholder."""
        return word.encode().join(self._pieces)

    def fill_packed(self, word: str) -> bytes:
        """Return the same, gzipped. The word has at most 65,535 bytes."""
        filling = word.encode()
        size = sum(map(len, self._pieces)) + len(filling) * (len(self._pieces) - 1)
        checksum = zlib.crc32(self._pieces[0])
        for piece in self._pieces[1:]:
            checksum = zlib.crc32(piece, zlib.crc32(filling, checksum))
        body = _stored(filling).join(self._packed)
        return b"".join((HEADER, body, struct.pack("<II", checksum, size & 0xFFFFFFFF)))


def _packed(pieces: Sequence[bytes]) -> list[bytes]:
    packed = []
    for number, piece in enumerate(pieces, 1):
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        ending = zlib.Z_FINISH if number == len(pieces) else zlib.Z_FULL_FLUSH
        packed.append(packer.compress(piece) + packer.flush(ending))
    return packed


def _stored(filling: bytes) -> bytes:
    """Return a block that is not compressed and not the last (RFC 1951, 3.2.4); it begins at a whole byte."""
    if len(filling) > LONGEST:
        raise ValueError("a stored block is too short for this word")
    return struct.pack("<BHH", 0, len(filling), len(filling) ^ 0xFFFF) + filling
