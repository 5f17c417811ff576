"""Pictures by their hash, and the events whose photograph is removed from their pages."""

import pytest
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.events import pictures
from tests.conftest import Statements
from tests.factories import make_event, make_picture


def test_several_are_read_in_one_statement_and_none_in_none(db: Session, statements: Statements) -> None:
    hashes = [make_picture(db), make_picture(db, colour="white")]
    with statements() as executed:
        contents = pictures.contents(db, hashes=[*hashes, "0" * 64])
        assert pictures.contents(db, hashes=[]) == {}
    assert set(contents) == set(hashes)
    assert len(executed) == 1


def test_one_that_is_not_there_is_missing(db: Session) -> None:
    with pytest.raises(Missing):
        pictures.content(db, sha256="0" * 64)


def test_a_photograph_leaves_the_pages_of_its_event_unless_that_is_private(db: Session) -> None:
    picture = make_picture(db)
    public, private = make_event(db, picture=picture), make_event(db, picture=picture, private=True)
    assert pictures.photograph(db, event=public) == pictures.content(db, sha256=picture)
    assert pictures.photograph(db, event=private) is None
    assert pictures.photograph(db, event=make_event(db)) is None
