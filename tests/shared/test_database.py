"""The engine of every process, and the order in which it sorts names."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Column, Engine, Text, func, inspect, literal, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from shared.database import Base, Choice, broken_by, name_order
from shared.models import Registration, RegistrationState
from tests.factories import make_event, make_registration


def test_an_error_of_the_database_contains_no_values(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DataError) as refusal:
        connection.execute(text("SELECT 1 / CAST(:zero AS int), :name"), {"zero": 0, "name": "Visitor"})
    assert "division by zero" in str(refusal.value)
    assert "Visitor" not in str(refusal.value)


CHOICES = [column for table in Base.metadata.sorted_tables for column in table.c if isinstance(column.type, Choice)]


def test_a_choice_is_read_as_a_member_of_its_enum(db: Session) -> None:
    make_registration(db)
    state, cancelled_by = db.execute(select(Registration.state, Registration.cancelled_by)).one()
    assert (type(state), cancelled_by) == (RegistrationState, None)


@pytest.mark.parametrize("column", CHOICES, ids=str)
def test_the_database_accepts_the_members_of_an_enum_and_no_other_word(engine: Engine, column: Column[str]) -> None:
    checks = {check["name"]: check["sqltext"] for check in inspect(engine).get_check_constraints(column.table.name)}
    words = re.findall(r"'(\w+)'::text", checks[f"ck_{column.table.name}_{column.name}"])
    assert isinstance(column.type, Choice)
    assert sorted(words) == sorted(column.type.members)


NAMES = json.loads((Path(__file__).parent / "names_in_order.json").read_text(encoding="utf-8"))
TAJIK = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"
"""Its alphabet as schools teach it."""
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
words = st.text(st.sampled_from(TAJIK), max_size=4)


def in_order_of(db: Session, names: list[str]) -> list[str]:
    name = func.unnest(literal(names, ARRAY(Text))).column_valued("name")
    return list(db.scalars(select(name).order_by(name_order(name))))


def test_names_are_sorted_by_the_tajik_alphabet(db: Session) -> None:
    assert in_order_of(db, NAMES[::-1]) == NAMES


@pytest.mark.parametrize("alphabet", [TAJIK, RUSSIAN])
def test_each_alphabet_is_in_its_own_order(db: Session, alphabet: str) -> None:
    assert in_order_of(db, sorted(alphabet)) == list(alphabet)
    assert in_order_of(db, sorted(alphabet.upper())) == list(alphabet.upper())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(names=st.lists(words, unique=True))
def test_names_are_compared_letter_by_letter_whatever_their_case(db: Session, names: list[str]) -> None:
    by_letters = sorted(names, key=lambda name: [TAJIK.index(letter) for letter in name])
    assert in_order_of(db, names) == by_letters
    assert in_order_of(db, [name.title() for name in names]) == [name.title() for name in by_letters]


@pytest.mark.parametrize("code", ["en", "uz", "sgh"])
def test_a_text_may_be_in_any_language(db: Session, code: str) -> None:
    event = make_event(db)
    event.summary = {code: "Talks"}
    db.flush()


@pytest.mark.parametrize(
    "texts",
    [{"EN": "a"}, {"e": "a"}, {"engl": "a"}, {"en-GB": "a"}, {"": "a"}, {"en": ""}, {"en": 1}, {"en": "e\u0301"}],
)
def test_a_text_with_a_wrong_language_code_or_unclean_string_is_refused(db: Session, texts: dict[str, str]) -> None:
    event = make_event(db)
    event.summary = texts
    with pytest.raises(IntegrityError) as refusal:
        db.flush()
    assert broken_by(refusal.value) == "ck_event_summary"
