"""What a passphrase sealed opens with it, whole and unchanged, or not at all."""

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import repeat

import pytest

from shared.command import sealed
from shared.command.processes import CannotStart
from shared.command.sealed import CHUNK_BYTES, MAGIC, SALT_BYTES, TAG_BYTES

PASSPHRASE = "бист харбуза дар бағал"
HEADER = len(MAGIC) + SALT_BYTES + TAG_BYTES
CHUNK = CHUNK_BYTES + TAG_BYTES
CUT, WRONG, FOREIGN = "cut short or damaged", "the passphrase is wrong", "no backup of Turnout"


@pytest.fixture(autouse=True)
def _cheap_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def file_of(content: bytes) -> bytes:
    output = BytesIO()
    sealed.seal(output, PASSPHRASE, [content])
    return output.getvalue()


def content_of(file: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return b"".join(sealed.unseal(BytesIO(file), passphrase))


@pytest.mark.parametrize("length", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_sealed_comes_back(length: int) -> None:
    content = bytes(number % 251 for number in range(length))
    file = file_of(content)
    assert content_of(file) == content
    assert length < 10 or content[:10] not in file


def test_the_same_content_is_never_sealed_alike() -> None:
    assert file_of(b"Rudaki")[len(MAGIC) :] != file_of(b"Rudaki")[len(MAGIC) :]


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (0, FOREIGN),
        (len(MAGIC) - 1, FOREIGN),
        (len(MAGIC), WRONG),
        (HEADER - 1, WRONG),
        (HEADER, CUT),
        (HEADER + CHUNK - 1, CUT),
        (HEADER + CHUNK, CUT),
        (HEADER + 2 * CHUNK, CUT),
        (HEADER + 2 * CHUNK + TAG_BYTES, CUT),
    ],
)
def test_a_file_that_is_cut_short_is_refused(length: int, reason: str) -> None:
    with pytest.raises(CannotStart, match=reason):
        content_of(file_of(bytes(2 * CHUNK_BYTES + 1))[:length])


def test_another_passphrase_is_refused_at_once() -> None:
    with pytest.raises(CannotStart, match=WRONG):
        next(sealed.unseal(BytesIO(file_of(b"Rudaki")), PASSPHRASE.upper()))


def swapped(file: bytes) -> bytes:
    first, second = file[HEADER : HEADER + CHUNK], file[HEADER + CHUNK : HEADER + 2 * CHUNK]
    return file[:HEADER] + second + first + file[HEADER + 2 * CHUNK :]


def shortened(file: bytes) -> bytes:
    return file[:HEADER] + file[HEADER + CHUNK :]


def extended(file: bytes) -> bytes:
    return file + b"."


def flipped(file: bytes) -> bytes:
    return file[:-1] + bytes([file[-1] ^ 1])


@pytest.mark.parametrize("damage", [swapped, shortened, extended, flipped])
def test_a_file_that_was_changed_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(CannotStart, match=CUT):
        content_of(damage(file_of(bytes(range(256)) * 1024)))


def test_a_long_content_is_sealed_as_it_comes() -> None:
    taken = 0

    def content() -> Iterator[bytes]:
        nonlocal taken
        for part in repeat(bytes(CHUNK_BYTES), 20):
            taken += 1
            assert output.tell() >= (taken - 2) * CHUNK_BYTES
            yield part

    output = BytesIO()
    sealed.seal(output, PASSPHRASE, content())
    assert taken == 20
    ahead = BytesIO(output.getvalue())
    next(sealed.unseal(ahead, PASSPHRASE))
    assert ahead.tell() == HEADER + 2 * CHUNK
