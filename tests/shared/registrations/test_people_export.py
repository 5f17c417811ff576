"""What leaves Turnout with people's names is recorded, and a sign-in sheet has an end."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Invalid
from shared.models import Event
from shared.registrations import people_export
from shared.registrations.people import EVERYONE
from tests.factories import make_account, make_registration
from tests.support.recorded_acts import acts


def test_an_export_is_recorded_with_its_personal_columns(db: Session, event: Event) -> None:
    guest, by = make_registration(db, event), make_account(db)
    statement, values = people_export.export(
        db, event=event, wanted=EVERYONE, file_format="csv", personal=["names"], by=by
    )
    assert [row.id for row in db.execute(text(statement), values)] == [guest.id]
    assert acts(db, by=by) == [("people.exported", {"format": "csv", "personal": ["names"]})]


def test_a_sign_in_sheet_is_recorded_with_the_number_of_its_names(db: Session, event: Event) -> None:
    guest, by = make_registration(db, event), make_account(db)
    make_registration(db, event, state="cancelled", cancelled_at=clock.now())
    rows = people_export.sign_in_sheet(db, event=event, wanted=EVERYONE, personal=["contact"], by=by)
    assert [row.id for row in rows] == [guest.id]
    assert acts(db, by=by) == [("people.sign_in_sheet_created", {"count": 1, "personal": ["contact"]})]


def test_a_list_too_long_for_a_sheet_is_refused(db: Session, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_export, "MOST_ON_SHEET", 1)
    for _ in range(2):
        make_registration(db, event)
    with pytest.raises(Invalid, match="list_too_long"):
        people_export.sign_in_sheet(db, event=event, wanted=EVERYONE, personal=[], by=make_account(db))
    assert acts(db) == []
