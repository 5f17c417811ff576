"""A page that differs for each visitor in one place, packed before it is known what goes there.

Deflate (RFC 1951) is a sequence of blocks. The pieces around the place are compressed once, each ending at a whole byte
and referring to nothing outside itself; so is what goes between them, and only the checksum of the whole is computed
for each visitor (gzip, RFC 1952).
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cached_property

LEVEL, LEVEL_OF_FILLINGS = 6, 4
"""What is kept is compressed better than what is sent once."""
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
STORED = 100
"""Bytes of a filling that would not become shorter: a word."""


class Spliced:
    """A text with a placeholder, which may be missing or there several times."""

    def __init__(self, text: str, placeholder: str) -> None:
        self._pieces = [piece.encode() for piece in text.split(placeholder)]

    @cached_property
    def _packed(self) -> list[bytes]:
        return _packed(self._pieces)

    def fill(self, filling: str) -> bytes:
        """Return the text with the filling in place of the placeholder."""
        return filling.encode().join(self._pieces)

    def fill_packed(self, filling: str) -> bytes:
        """Return the same, gzipped."""
        content = filling.encode()
        size = sum(map(len, self._pieces)) + len(content) * (len(self._pieces) - 1)
        checksum = zlib.crc32(self._pieces[0])
        for piece in self._pieces[1:]:
            checksum = zlib.crc32(piece, zlib.crc32(content, checksum))
        body = _filling(content).join(self._packed)
        return b"".join((HEADER, body, struct.pack("<II", checksum, size & 0xFFFFFFFF)))


def _packed(pieces: Sequence[bytes]) -> list[bytes]:
    *others, last = pieces
    return [*(_blocks(piece, LEVEL, zlib.Z_FULL_FLUSH) for piece in others), _blocks(last, LEVEL, zlib.Z_FINISH)]


def _filling(content: bytes) -> bytes:
    return _stored(content) if len(content) <= STORED else _blocks(content, LEVEL_OF_FILLINGS, zlib.Z_FULL_FLUSH)


def _blocks(content: bytes, level: int, ending: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(ending)


def _stored(content: bytes) -> bytes:
    """Return a block that is not compressed and not the last (RFC 1951, 3.2.4); it begins at a whole byte."""
    return struct.pack("<BHH", 0, len(content), len(content) ^ 0xFFFF) + content
