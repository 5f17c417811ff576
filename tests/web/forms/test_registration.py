"""The registration form: valid values, the errors of the rest, and that no text breaks it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import LANGUAGES
from shared.contacts import contact_key
from shared.i18n import gettext, use_language
from web.forms import LONGEST_VALUE, FormError
from web.forms.registration import CONSENT, SENTENCES, TRAP, RegistrationForm

ONCE = "A" * 22
GOOD = {"name": "Ҷаҳонгир Раҳимов", "email": "jahongir@example.org"}
FIELDS = ("name", "email", "phone", "ticket_type", "once", "consent", TRAP, *(f"companion.{n}.name" for n in range(6)))
any_text = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["\0", "a@b.cc", "93 123 45 67", "+" * 50, "x" * 10_000, "\u202eab\u202c", "e\u0301" * 120, "\ud800", "٣", "9" * 30]
)


def refused(form, asks="either"):
    with pytest.raises(FormError) as caught:
        RegistrationForm.parse(form, asks=asks)
    return caught.value


def test_a_name_and_an_address_are_enough():
    form = RegistrationForm.parse({**GOOD, "once": ONCE, "consent": CONSENT, "colour": "red"}, asks="either")
    assert (form.name, form.email, form.phone) == ("Ҷаҳонгир Раҳимов", "jahongir@example.org", None)
    assert (form.once, form.consent, form.companions, form.trapped) == (ONCE, CONSENT, (), False)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Мадина \t Саидова ", "Мадина Саидова"),
        ("Zoe\u0308", "Zoë"),
        ("Ann\0\u202e", "Ann"),
        ("دلاور می\u200cرود", "دلاور می\u200cرود"),
        ("李雷", "李雷"),
    ],
)
def test_a_name_of_any_script_is_cleaned_and_kept(typed, stored):
    assert RegistrationForm.parse({**GOOD, "name": typed}, asks="email").name == stored


@pytest.mark.parametrize("typed", ["", "   ", "\0", "...", "\u200d\u200d", "\u3164\u3164"])
def test_a_name_needs_a_letter(typed):
    assert refused({**GOOD, "name": typed}).errors == {"name": "Enter your name."}


@pytest.mark.parametrize("typed", ["x" * 121, "x" * 10_000])
def test_a_name_too_long_for_a_ticket_is_refused(typed):
    assert "at most 120" in refused({**GOOD, "name": typed}).errors["name"]


@pytest.mark.parametrize("typed", ["Ann \u0378", "Ann \ue000", "Ann" + "\u0332" * 9])
def test_a_character_that_the_database_may_not_know_is_refused(typed):
    assert "cannot be printed" in refused({**GOOD, "name": typed}).errors["name"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ann.Lee@Example.ORG ", "ann.lee@example.org"),
        ("a@Пример.РФ", "a@xn--e1afmkfd.xn--p1ai"),
        ("a+b@gmail.com", "a+b@gmail.com"),
        ("load@turnout.test", "load@turnout.test"),
    ],
)
def test_an_address_is_stored_in_one_spelling(typed, stored):
    assert RegistrationForm.parse({**GOOD, "email": typed}, asks="email").email == stored


@pytest.mark.parametrize("typed", ["ann", "ann@", "a@b", "a b@c.org", "a@b.org\0", "a" * 250 + "@b.org", "x" * 10_000])
def test_an_invalid_address_is_reported_at_its_field(typed):
    error = refused({**GOOD, "email": typed})
    assert list(error.errors) == ["email"]
    assert "name@example.org" in error.errors["email"]


@pytest.mark.parametrize("typed", ["иван@почта.рф", "аnn@example.org", "josé@example.org"])
def test_letters_that_not_every_server_accepts_are_reported_at_the_address(typed):
    error = refused({**GOOD, "email": typed})
    assert error.errors["email"].startswith("Use Latin letters before the @")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("93 123 45 67", "+992931234567"),
        ("+992 (93) 123-45-67", "+992931234567"),
        ("+7 912 345-67-89", "+79123456789"),
        ("00998 90 123 45 67", "+998901234567"),
        ("8 916 123-45-67", "+79161234567"),
        ("8 93 123 45 67", None),
        ("810 998 90 123 45 67", "+998901234567"),
    ],
)
def test_a_phone_number_is_stored_in_international_form(typed, stored):
    if stored is None:
        assert "+992 93 123 45 67" in refused({**GOOD, "phone": typed}).errors["phone"]
    else:
        assert RegistrationForm.parse({**GOOD, "phone": typed}, asks="phone").phone == stored


@pytest.mark.parametrize("typed", ["123", "call me", "9" * 41, "\0", "+"])
def test_an_invalid_phone_number_is_reported_at_its_field(typed):
    assert list(refused({"name": "Ann", "phone": typed}, asks="phone").errors) == ["phone"]


@pytest.mark.parametrize(
    ("asks", "contact", "wrong"),
    [
        ("either", {}, ["email"]),
        ("email", {"phone": "93 123 45 67"}, ["email"]),
        ("phone", {"email": "a@b.org"}, ["phone"]),
        ("both", {}, ["email", "phone"]),
        ("both", {"email": "a@b.org"}, ["phone"]),
    ],
)
def test_the_contact_that_the_event_asks_for_is_required(asks, contact, wrong):
    assert list(refused({"name": "Ann", **contact}, asks).errors) == wrong


def test_a_contact_that_the_event_does_not_ask_for_is_ignored():
    assert RegistrationForm.parse({**GOOD, "phone": "93 123 45 67"}, asks="email").phone is None


def test_guests_have_names_and_empty_rows_are_ignored():
    form = {
        **GOOD,
        "companion.1.name": "Ann",
        "companion.2.name": " ",
        "companion.4.name": "Bo",
        "companion.5.name": "C",
    }
    assert RegistrationForm.parse(form, asks="either").companions == ("Ann", "Bo")


def test_an_error_is_at_its_guest():
    error = refused({**GOOD, "companion.1.name": "Ann", "companion.3.name": "x" * 121})
    assert list(error.errors) == ["companion.3.name"]
    assert error.values["companion.1.name"] == "Ann"


@pytest.mark.parametrize("typed", ["0x1", "-1", "1.0", "9" * 25, "٣", str(2**63), "first"])
def test_a_ticket_type_is_a_valid_number(typed):
    assert list(refused({**GOOD, "ticket_type": typed}).errors) == ["ticket_type"]


def test_hidden_fields_that_we_did_not_write_count_as_missing():
    form = RegistrationForm.parse({**GOOD, "once": "short", "consent": "1999-01"}, asks="either")
    assert (form.once, form.consent) == (None, None)


def test_a_filled_trap_is_noticed():
    assert RegistrationForm.parse({**GOOD, TRAP: "http://spam.example"}, asks="either").trapped


def test_submitted_values_are_repeated_up_to_a_bound():
    error = refused({"name": "Ann", "email": "nobody", "phone": "y" * 100_000})
    assert (error.values["name"], error.values["email"], len(error.values["phone"])) == ("Ann", "nobody", LONGEST_VALUE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_speak_the_visitors_language(language):
    with use_language(language):
        sentences = refused({"name": "", "email": "x"}).errors
        assert sentences == {"name": gettext(SENTENCES["name_missing"]), "email": gettext(SENTENCES["email"])}
    assert (sentences["name"] == "Enter your name.") == (language == "en")


def parsed(form, asks):
    try:
        return RegistrationForm.parse(form, asks=asks), {}
    except FormError as error:
        return None, error.errors


@given(st.dictionaries(st.sampled_from(FIELDS), any_text), st.sampled_from(["either", "email", "phone", "both"]))
def test_any_text_is_a_valid_form_or_an_error(form, asks):
    registration, errors = parsed(form, asks)
    assert all(errors.values())
    if registration is None:
        assert errors
        return
    for name in (registration.name, *registration.companions):
        assert unicodedata.is_normalized("NFC", name)
        assert 1 <= len(name) <= 120
        assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Cn", "Co"} for letter in name)
    assert contact_key(registration.email, registration.phone)


@given(st.emails() | any_text)
def test_an_accepted_address_has_a_key(typed):
    try:
        form = RegistrationForm.parse({"name": "Ann", "email": typed}, asks="email")
    except FormError:
        return
    assert form.email is not None
    assert contact_key(form.email, None)
    assert RegistrationForm.parse({"name": "Ann", "email": form.email}, asks="email").email == form.email
