"""Names that contain a link, an address or a number, and names of people that look a little like one."""

import pytest

from tests.factories import make_event
from web.forms import FormError
from web.forms.adverts import is_advert
from web.forms.registration import RegistrationForm, parse_change
from web.organizer.people.form import read_person

ADVERTS = [
    "Win now at http://evil.example",
    "HTTPS://EVIL.EXAMPLE/x",
    "ftp://evil.example",
    "www.evil.example",
    "WWW.Evil",
    "evil.example",
    "Win now: evil.example.",
    "(casino.com)",
    "casino.com,now",
    "casino.com:8080",
    "bit.ly/x",
    "bit.ly",
    "BIT.LY",
    "t.me/abc",
    "T.Me/abc",
    "t.me",
    "x.com",
    "X.Com",
    "wa.me/992931234567",
    "sub.domain.evil.co.uk",
    "evil.unheard-of/path",
    "1.2.3.4/x",
    "victim@example.org",
    "@casino_bot",
    "mailto:ann",
    "Call +992 93 123-45-67",
    "93 123 45 67",
    "8(800)5553535",
    "٩٣١٢٣٤٥٦٧",
    "евил.рф",
    "казино.рус/бонус",
    "қимор.қаз",
    "Казино.Сайт",
    "xn--80ak6aa92e.com",
    "ｅｖｉｌ．ｃｏｍ",
    "evil。com",
    "evil․com",
    "evil.com∕x",
    "evil.unheard／x",
    "ev\u200dil.c\u200com",
    "evil.com\ufe0f",
    "evil\u0489.com",
    "victim＠example",
    "９３１２３４５６７",
]
PEOPLE = [
    "A. B. Rahimov",
    "A.B. Rahimov",
    "A.B.Rahimov",
    "Dr.Karimov",
    "Dr.Li",
    "J.Lo",
    "A.Love",
    "M.Sc. Karimova",
    "Ph.D.",
    "Муҳаммад-Юсуф",
    "O'Neil",
    "O’Neil",
    "Ҷ.Раҳимов",
    "А.Б.Раҳимов",
    "Проф.Раҳимов",
    "Anne-Marie van den Berg Jr.",
    "Smith (speaker)",
    "Team 7",
    "Team 7/8",
    "Group 2026",
    "Ann Com",
    "Комрон",
    "Ms. Me",
    "Саид / Said",
    "Ann: Lee",
    "José María",
    "李雷",
    "دلاور می\u200cرود",
    "Zoë 🙂",
    "...",
]


@pytest.mark.parametrize("name", ADVERTS)
def test_a_name_with_a_link_an_address_or_a_number_is_an_advert(name: str) -> None:
    assert is_advert(name)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_name_of_a_person_is_none(name: str) -> None:
    assert not is_advert(name)


@pytest.mark.parametrize("field", ["name", "companion.1.name", "companion.4.name"])
def test_an_advert_is_refused_at_its_field_with_advice(field: str) -> None:
    form = {"name": "Ann", "email": "ann@example.org", "companion.1.name": "Lee", field: "Win at www.evil.example"}
    with pytest.raises(FormError) as refused:
        RegistrationForm.parse(form, asks="email")
    assert list(refused.value.errors) == [field]
    assert "a link" in refused.value.errors[field]
    assert "space after each dot" in refused.value.errors[field]


def test_a_name_cannot_be_changed_to_an_advert() -> None:
    with pytest.raises(FormError) as refused:
        parse_change({"name": "t.me/casino"}, [], current="Ann")
    assert list(refused.value.errors) == ["name"]


def test_a_name_that_an_organizer_wrote_may_stay() -> None:
    assert parse_change({"name": "Ann (peshraft.tj)"}, [], current="Ann (peshraft.tj)")[0] == "Ann (peshraft.tj)"


def test_organizers_may_write_adverts(db) -> None:
    typed = {"name": "Ann (peshraft.tj)", "email": "ann@example.org", "language": "en"}
    assert read_person(typed, make_event(db)).name == "Ann (peshraft.tj)"
