"""The card for a volunteer; tests/journeys/test_doors_page.py checks that it fits one page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.i18n import gettext, use_language
from shared.models import Event
from tests.factories import SECRET, make_door, make_event, make_pass
from tests.support.organizer_pages import read


def test_the_card_has_the_newest_code_and_every_language(organizer: FlaskClient, db: Session, event: Event) -> None:
    door = make_door(db, event, name={"en": "North door", "tg": "Дари шимолӣ"})
    make_pass(db, door)
    newest = make_pass(db, door)
    page = organizer.get(f"/organize/events/{event.id}/doors/{door.id}/card").text
    secret = tokens.make(SECRET, "pairing", id=newest.id, version=1)
    code = page.split('<div class="card-code"')[1].split(">", 1)[1].split("</div>")[0]
    assert read(code) == f"http://127.0.0.1:8000/door/#{secret}"
    assert "North door · Дари шимолӣ" in page
    for language in ("en", "ru", "tg"):
        with use_language(language):
            assert gettext("verdict.admitted") in page
            assert gettext("verdict.used_twice") in page


def test_the_card_explains_checking_out_only_where_tickets_are_scanned_out(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    door = make_door(db, event)
    make_pass(db, door)
    path = f"/organize/events/{event.id}/doors/{door.id}/card"
    assert "Checked out" not in organizer.get(path).text
    event.reentry = True
    db.flush()
    assert "Checked out" in organizer.get(path).text


@pytest.mark.parametrize("ended", [True, False])
def test_a_door_without_a_valid_pass_says_so(organizer: FlaskClient, db: Session, event: Event, ended: bool) -> None:
    door = make_door(db, event)
    if ended:
        make_pass(db, door, expires_at=clock.now())
    page = organizer.get(f"/organize/events/{event.id}/doors/{door.id}/card").text
    assert "This door has no door pass yet." in page
    assert "<svg" not in page


def test_a_door_of_another_event_has_no_card_here(organizer: FlaskClient, db: Session, event: Event) -> None:
    door = make_door(db, make_event(db, organization=event.organization))
    assert organizer.get(f"/organize/events/{event.id}/doors/{door.id}/card").status_code == 404
