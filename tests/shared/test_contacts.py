"""Contacts that belong to the same person."""

import pytest
from email_validator import EmailNotValidError
from hypothesis import given
from hypothesis import strategies as st

from shared import contacts
from shared.contacts import address, contact_key, contact_key_of


@pytest.mark.parametrize(
    ("email", "respelled"),
    [
        ("Zarina@Example.org", "zarina@example.ORG"),
        ("zarina@пример.рф", "zarina@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_case_form_and_spelling_of_the_domain_do_not_count(email: str, respelled: str) -> None:
    assert contact_key(email, None) == contact_key(respelled, None)


@pytest.mark.parametrize("email", ["za.rina@example.org", "zarina+1@example.org", "zarina@mail.example.org"])
def test_dots_and_plus_signs_count(email: str) -> None:
    assert contact_key("zarina@example.org", None) != contact_key(email, None)


def test_the_address_comes_before_the_number() -> None:
    assert contact_key("zarina@example.org", "+992918123456") == "zarina@example.org"
    assert contact_key(None, "+992918123456") == "+992918123456"


def test_neither_is_no_contact() -> None:
    with pytest.raises(ValueError, match="neither"):
        contact_key(None, None)
    with pytest.raises(EmailNotValidError):
        contact_key("nobody", None)


@pytest.mark.parametrize("email", ["ж@x.example", "jos\u00e9@example.org", "jose\u0301@example.org"])
def test_an_address_to_which_only_some_servers_deliver_is_none(email: str) -> None:
    with pytest.raises(EmailNotValidError):
        address(email)
    with pytest.raises(EmailNotValidError):
        contact_key(email, None)


@pytest.mark.parametrize(
    ("typed", "counted"),
    [
        (" Zarina@Example.ORG ", "zarina@example.org"),
        ("zarina@ｅxample.org", "zarina@example.org"),
        ("ｚａｒｉｎａ＠example。org", "zarina@example.org"),
        ("zarina@пример.рф", "zarina@xn--e1afmkfd.xn--p1ai"),
        ("93 123 45 67", "+992931234567"),
        ("+992 (93) 123-45-67", "+992931234567"),
        ("９３１２３４５６７", "+992931234567"),
        ("992 93 123 45 67", "+992931234567"),
        ("00992 93 123-45-67", "+992931234567"),
        ("(00992) 931234567", "+992931234567"),
        ("810 992 93 123 45 67", "+992931234567"),
        ("8 916 123 45 67", "+79161234567"),
        ("8 (916) 123-45-67", "+79161234567"),
        ("7 916 123 45 67", "+79161234567"),
        ("007 916 123 45 67", "+79161234567"),
        ("8 701 123 45 67", "+77011234567"),
        ("0047 123 45 678", "+4712345678"),
        ("00 471 23 45", "+992004712345"),
        ("00 123 45 67", "+992001234567"),
        ("(00) 992-93-12", "+992009929312"),
        ("ZARINA@@example.org", "zarina@@example.org"),
        ("Ｎｏ contact", "no contact"),
        ("", ""),
    ],
)
def test_every_spelling_of_a_contact_counts_as_the_same_one(typed: str, counted: str) -> None:
    assert contact_key_of(typed) == counted


@given(st.text())
def test_anything_that_is_typed_can_be_counted(typed: str) -> None:
    assert contact_key_of(typed) is not None


def test_a_long_run_of_combining_marks_is_cut_before_it_is_normalized() -> None:
    marks = "a" + "\u0301" * 1_000_000
    assert contact_key_of(marks) == contact_key_of(marks[:320])


@pytest.mark.parametrize("email", ["a@" + "\u0301" * 32_000 + ".org", "a" * 400_000 + "@example.org"])
def test_text_longer_than_an_address_is_not_read(monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    monkeypatch.delattr(contacts, "validate_email")
    with pytest.raises(EmailNotValidError):
        address(email)
