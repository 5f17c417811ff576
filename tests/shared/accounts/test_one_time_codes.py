"""Codes of an app, recovery codes, and the sealing of a secret."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts import one_time_codes
from shared.papers import qr

OLD, NEW = b"the first secret, long enough for all", b"the second secret, long enough as well"
AT = datetime(2026, 10, 7, 13, 0, 10, tzinfo=UTC)


def test_the_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert one_time_codes.code_at(secret, datetime.fromtimestamp(59, UTC)) == "287082"
    assert one_time_codes.code_at(secret, datetime.fromtimestamp(1111111109, UTC)) == "081804"


@pytest.mark.parametrize(("seconds", "is_good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_off_by_one_step(seconds: int, is_good: bool) -> None:
    secret = one_time_codes.draw()
    code = one_time_codes.code_at(secret, AT + timedelta(seconds=seconds))
    assert (one_time_codes.step_of(secret, code, now=AT, after=None) is not None) == is_good


def test_a_used_step_uses_up_all_earlier_ones() -> None:
    secret = one_time_codes.draw()
    code = one_time_codes.code_at(secret, AT)
    step = one_time_codes.step_of(secret, f" {code[:3]} {code[3:]} ", now=AT, after=None)
    assert step is not None
    assert one_time_codes.step_of(secret, code, now=AT, after=step) is None
    earlier = one_time_codes.code_at(secret, AT - timedelta(seconds=30))
    assert one_time_codes.step_of(secret, earlier, now=AT, after=step) is None


@given(st.text())
def test_any_text_may_be_typed(text: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    valid_codes = {one_time_codes.code_at(secret, AT + timedelta(seconds=seconds)) for seconds in (-30, 0, 30)}
    good = one_time_codes.step_of(secret, text, now=AT, after=None) is not None
    assert good == ("".join(text.split()) in valid_codes)


def test_a_sealed_secret_opens_with_every_key_of_ours_and_for_its_account_only() -> None:
    sealed = one_time_codes.seal([OLD], "SECRET", account_id=7)
    assert one_time_codes.unseal([NEW, OLD], sealed, account_id=7) == "SECRET"
    assert one_time_codes.unseal([NEW], sealed, account_id=7) is None
    assert one_time_codes.unseal([OLD], sealed, account_id=8) is None
    assert one_time_codes.unseal([OLD], sealed[:-1] + bytes([sealed[-1] ^ 1]), account_id=7) is None
    assert one_time_codes.unseal([OLD], b"", account_id=7) is None
    assert b"SECRET" not in sealed


def test_two_seals_of_one_secret_differ() -> None:
    assert one_time_codes.seal([OLD], "SECRET", account_id=7) != one_time_codes.seal([OLD], "SECRET", account_id=7)


EMAILS = ["a@example.org", "ш" * 60 + "@пример.tj", "x" * 200 + "@example.org", "a&b?c=d@e.org"]


@pytest.mark.parametrize("email", EMAILS)
def test_the_apps_address_fits_its_code_with_any_email(email: str) -> None:
    secret = one_time_codes.draw()
    address = one_time_codes.address(secret, email=email)
    assert qr.svg(address)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["Turnout"]}
    label = unquote(parts.path, errors="strict")
    assert label.startswith("/Turnout:")
    assert email.startswith(label.removeprefix("/Turnout:"))


def test_recovery_codes_match_in_any_spelling() -> None:
    codes = one_time_codes.draw_recovery_codes()
    assert len(set(codes)) == one_time_codes.RECOVERY_CODES == 10
    for code in codes:
        assert one_time_codes.recovery_hash(code) == one_time_codes.recovery_hash(f" {code.lower().replace('-', ' ')}")
    assert one_time_codes.recovery_hash("OIL0-1111-1111") == one_time_codes.recovery_hash("0110 1111 1111")
