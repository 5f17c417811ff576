"""Codes: made once, verified without the server, and impossible to imitate."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import tickets

SECRET = b"a secret of at least thirty-two bytes"
KEY = tickets.private_key(SECRET, event_id=7, version=1)
PUBLIC = KEY.public_key().public_bytes_raw()
VECTORS = json.loads((Path(__file__).parent / "ticket_vectors.json").read_text())

ticket_ids = st.binary(min_size=8, max_size=8).map(bytes.hex)


@given(ticket_ids, st.integers(1, 2**24 - 1))
def test_a_signed_code_is_genuine(ticket_id: str, number: int) -> None:
    code = tickets.sign(ticket_id, key_number=number, key=KEY)
    read = tickets.read(code)
    assert len(code) == tickets.CODE_LENGTH
    assert read is not None
    assert (read.key_number, read.ticket_id) == (number, ticket_id)
    assert tickets.verify(read, PUBLIC)


@given(ticket_ids, st.integers(0, 599))
def test_a_code_with_one_bit_changed_is_not_a_ticket(ticket_id: str, bit: int) -> None:
    raw = bytearray(base64.b32decode(tickets.sign(ticket_id, key_number=9, key=KEY)))
    raw[bit // 8] ^= 1 << bit % 8
    altered = tickets.read(base64.b32encode(raw).decode())
    assert altered is not None
    assert not tickets.verify(altered, PUBLIC)


def test_the_host_is_ignored_and_case_does_not_count() -> None:
    code = tickets.sign("0123456789abcdef", key_number=9, key=KEY)
    assert tickets.read(f"HTTPS://ANOTHER.EXAMPLE/T/{code}") == tickets.read(code) == tickets.read(code.lower())


@given(st.text())
def test_any_other_text_is_not_a_code(text: str) -> None:
    assert tickets.read(text) is None


@pytest.mark.parametrize("change", [lambda code: code[:-1], lambda code: code + "A", lambda code: "1" + code[1:]])
def test_a_truncated_longer_or_misspelt_code_is_not_a_ticket(change: object) -> None:
    code = tickets.sign("0123456789abcdef", key_number=9, key=KEY)
    assert tickets.read(change(code)) is None  # type: ignore[operator]


def test_another_event_or_version_has_another_key() -> None:
    read = tickets.read(tickets.sign("0123456789abcdef", key_number=9, key=KEY))
    assert read is not None
    assert not tickets.verify(read, tickets.public_key(SECRET, event_id=8, version=1))
    assert not tickets.verify(read, tickets.public_key(SECRET, event_id=7, version=2))


def test_an_older_secret_still_signs_for_its_events() -> None:
    newer = b"another secret of at least thirty-two"
    key = tickets.find_private_key([newer, SECRET], event_id=7, version=1, public=PUBLIC)
    assert key is not None
    assert tickets.find_private_key([newer], event_id=7, version=1, public=PUBLIC) is None


@given(ticket_ids)
def test_a_short_code_is_read_as_people_type_it(ticket_id: str) -> None:
    short = tickets.short_code(ticket_id)
    typed = f"{short[:4].lower()}-{short[4:].lower()} ".replace("0", "o").replace("1", "l")
    assert tickets.read_short_code(typed) == short


@given(ticket_ids, st.integers(0, 7), st.sampled_from(tickets.CROCKFORD))
def test_one_wrong_character_of_a_short_code_is_noticed(ticket_id: str, place: int, wrong: str) -> None:
    short = tickets.short_code(ticket_id)
    mistyped = short[:place] + wrong + short[place + 1 :]
    assert tickets.read_short_code(mistyped) == (short if mistyped == short else None)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["ticket_id"]))
def test_the_vectors_shared_with_phones(vector: dict[str, str]) -> None:
    read = tickets.read(vector["code"])
    assert read is not None
    assert tickets.verify(read, bytes.fromhex(vector["public"]))
    assert read.ticket_id == vector["ticket_id"]
    assert tickets.short_code(read.ticket_id) == vector["short_code"]
