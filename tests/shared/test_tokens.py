"""Tokens that are shown again: made from the secret, revoked by their version."""

from hypothesis import given
from hypothesis import strategies as st

from shared import tokens
from shared.tokens import Subject

NEW, OLD = b"the newest secret, thirty-two bytes!", b"an older secret, thirty-two bytes!!!"
ids = st.integers(1, 2**62)


@given(ids, st.integers(1, 2**31), st.sampled_from(tokens.PURPOSES))
def test_a_token_names_its_row_and_version(number: int, version: int, purpose: str) -> None:
    token = tokens.make(NEW, purpose, id=number, version=version)
    assert tokens.verify([NEW], purpose, token) == Subject(number, version)


def test_every_secret_verifies_and_only_ours() -> None:
    token = tokens.make(OLD, "report", id=5, version=1)
    assert tokens.verify([NEW, OLD], "report", token) == Subject(5, 1)
    assert tokens.verify([NEW], "report", token) is None


def test_a_token_is_good_for_its_purpose_only() -> None:
    assert tokens.verify([NEW], "pairing", tokens.make(NEW, "report", id=5, version=1)) is None


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert tokens.verify([NEW], "report", text) is None


def test_another_spelling_of_the_same_numbers_is_refused() -> None:
    token = tokens.make(NEW, "report", id=5, version=1)
    assert tokens.verify([NEW], "report", f"0{token}") is None
    assert tokens.verify([NEW], "report", f" {token}") is None


def test_a_token_shown_once_is_kept_as_its_digest() -> None:
    token = tokens.draw()
    assert tokens.digest(token) == tokens.digest(token)
    assert token not in tokens.digest(token).hex()
    assert len({tokens.draw() for _ in range(100)}) == 100
