"""The texts of an event, which a trigger checks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.database import broken_by
from shared.models import Event
from shared.models.event import TEXTS
from tests.factories import make_event

BAD = {
    "a language that is no code": {"English": "A talk"},
    "an empty text": {"en": ""},
    "no text": {"en": 1},
    "letters and their marks apart": {"ru": "и\u0306"},
}


@pytest.mark.parametrize("texts", BAD.values(), ids=BAD)
@pytest.mark.parametrize("column", TEXTS)
def test_a_bad_text_is_refused_where_it_is_changed(db: Session, column: str, texts: dict[str, str]) -> None:
    event = make_event(db)
    setattr(event, column, texts)
    with pytest.raises(IntegrityError) as refusal:
        db.flush()
    assert broken_by(refusal.value) == f"ck_event_{column}"


def test_a_bad_text_is_refused_in_a_new_event(db: Session) -> None:
    with pytest.raises(IntegrityError) as refusal:
        make_event(db, title={"en": ""})
    assert broken_by(refusal.value) == "ck_event_title"


def test_a_seat_is_counted_without_a_look_at_the_texts(db: Session) -> None:
    watched = "SELECT attname FROM pg_trigger JOIN pg_attribute ON attrelid = tgrelid AND attnum = ANY (tgattr)"
    columns = db.scalars(text(f"{watched} WHERE tgname = 'check_texts'")).all()
    assert sorted(columns) == sorted(TEXTS)
    checks = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'event'::regclass AND contype = 'c'"
    assert [check for check in db.scalars(text(checks)) if "jsonb_path" in check] == []
    assert Event.taken.key not in columns
