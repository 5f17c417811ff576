"""The series of an event, chosen in the editor."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Event, Series
from tests.factories import make_series
from web.organizer import edit_conflicts
from web.organizer.events import series


@pytest.fixture
def own(db: Session, event: Event) -> Series:
    """A series of the event's organization."""
    return make_series(db, organization_id=event.organization_id, title={"tg": "Шомҳо", "en": "Evenings"})


def choose(organizer: FlaskClient, db: Session, event: Event, **changes: str) -> Any:
    """Send the form as the page shows it, with changes, and refresh the event."""
    form = {**series.values(event), "version": edit_conflicts.stamp(series.values(event)), **changes}
    answer = organizer.post(f"/organize/events/{event.id}/edit/series", data=form)
    db.refresh(event)
    return answer


def test_an_event_is_added_to_a_series_and_removed(
    organizer: FlaskClient, db: Session, event: Event, own: Series
) -> None:
    for chosen in (str(own.id), ""):
        assert choose(organizer, db, event, series_id=chosen).status_code == 303
        assert str(event.series_id or "") == chosen
        page = organizer.get(f"/organize/events/{event.id}/edit/").text
        assert f'<option value="{chosen}" selected>' in page


def test_a_new_series_overrides_the_chosen_one(organizer: FlaskClient, db: Session, event: Event, own: Series) -> None:
    assert choose(organizer, db, event, series_id=str(own.id), series_title=" Мубоҳиса ").status_code == 303
    created = db.scalars(select(Series).where(Series.id == event.series_id)).one()
    assert (created.slug, created.title) == ("mubohisa", {"tg": "Мубоҳиса"})


@pytest.mark.parametrize(
    ("form", "wrong"),
    [({"series_title": "evenings"}, "series_title"), ({"series_title": "x" * 201}, "series_title")],
)
def test_an_invalid_name_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, own: Series, form: dict[str, str], wrong: str
) -> None:
    answer = choose(organizer, db, event, **form)
    assert answer.status_code == 422
    assert f'id="series-{wrong}-error"' in answer.text
    assert f'value="{form["series_title"]}"' in answer.text
    assert db.scalars(select(Series.id)).all() == [own.id]


def test_the_series_of_another_organization_cannot_be_chosen(
    organizer: FlaskClient, db: Session, event: Event, own: Series
) -> None:
    foreign = make_series(db, title={"en": "Theirs"})
    for number in (str(foreign.id), "x", "9" * 30):
        answer = choose(organizer, db, event, series_id=number)
        assert answer.status_code == 422
        assert 'id="series-series_id-error"' in answer.text
        assert "Theirs" not in answer.text
        assert event.series_id is None


def test_the_slower_of_two_editors_sees_both_choices(
    organizer: FlaskClient, db: Session, event: Event, own: Series
) -> None:
    before = edit_conflicts.stamp(series.values(event))
    choose(organizer, db, event, series_id=str(own.id))
    answer = choose(organizer, db, event, version=before, series_id="", series_title="Mine")
    assert answer.status_code == 409
    assert "Saved by someone else:" in answer.text
    assert "<p>Evenings</p>" in answer.text
    assert event.series_id == own.id
