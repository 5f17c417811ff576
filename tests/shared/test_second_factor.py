"""Codes of an app, recovery codes, and the sealing of a secret."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import second_factor
from shared.papers import qr

OLD, NEW = b"the first secret, long enough for all", b"the second secret, long enough as well"
AT = datetime(2026, 10, 7, 13, 0, 10, tzinfo=UTC)


def test_the_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert second_factor.code_at(secret, datetime.fromtimestamp(59, UTC)) == "287082"
    assert second_factor.code_at(secret, datetime.fromtimestamp(1111111109, UTC)) == "081804"


@pytest.mark.parametrize(("seconds", "is_good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_off_by_one_step(seconds: int, is_good: bool) -> None:
    secret = second_factor.draw()
    code = second_factor.code_at(secret, AT + timedelta(seconds=seconds))
    assert (second_factor.step_of(secret, code, now=AT, after=None) is not None) == is_good


def test_a_used_step_uses_up_all_earlier_ones() -> None:
    secret = second_factor.draw()
    code = second_factor.code_at(secret, AT)
    step = second_factor.step_of(secret, f" {code[:3]} {code[3:]} ", now=AT, after=None)
    assert step is not None
    assert second_factor.step_of(secret, code, now=AT, after=step) is None
    earlier = second_factor.code_at(secret, AT - timedelta(seconds=30))
    assert second_factor.step_of(secret, earlier, now=AT, after=step) is None


@given(st.text())
def test_any_text_may_be_typed(text: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    valid_codes = {second_factor.code_at(secret, AT + timedelta(seconds=seconds)) for seconds in (-30, 0, 30)}
    good = second_factor.step_of(secret, text, now=AT, after=None) is not None
    assert good == ("".join(text.split()) in valid_codes)


def test_a_sealed_secret_opens_with_every_key_of_ours_and_for_its_account_only() -> None:
    sealed = second_factor.seal([OLD], "SECRET", account_id=7)
    assert second_factor.unseal([NEW, OLD], sealed, account_id=7) == "SECRET"
    assert second_factor.unseal([NEW], sealed, account_id=7) is None
    assert second_factor.unseal([OLD], sealed, account_id=8) is None
    assert second_factor.unseal([OLD], sealed[:-1] + bytes([sealed[-1] ^ 1]), account_id=7) is None
    assert second_factor.unseal([OLD], b"", account_id=7) is None
    assert b"SECRET" not in sealed


def test_two_seals_of_one_secret_differ() -> None:
    assert second_factor.seal([OLD], "SECRET", account_id=7) != second_factor.seal([OLD], "SECRET", account_id=7)


EMAILS = ["a@example.org", "ш" * 60 + "@пример.tj", "x" * 200 + "@example.org", "a&b?c=d@e.org"]


@pytest.mark.parametrize("email", EMAILS)
def test_the_apps_address_fits_its_code_with_any_email(email: str) -> None:
    secret = second_factor.draw()
    address = second_factor.address(secret, email=email)
    assert qr.svg(address)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["Turnout"]}
    label = unquote(parts.path, errors="strict")
    assert label.startswith("/Turnout:")
    assert email.startswith(label.removeprefix("/Turnout:"))


def test_recovery_codes_match_in_any_spelling() -> None:
    codes = second_factor.draw_recovery_codes()
    assert len(set(codes)) == second_factor.RECOVERY_CODES == 10
    for code in codes:
        assert second_factor.recovery_hash(code) == second_factor.recovery_hash(f" {code.lower().replace('-', ' ')}")
    assert second_factor.recovery_hash("OIL0-1111-1111") == second_factor.recovery_hash("0110 1111 1111")
