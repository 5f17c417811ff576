"""Series: added once under a name, renamed, chosen for events of their own organization only."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Invalid, Missing
from shared.events import drafts, series
from shared.events.drafts import Sketch
from shared.models import Account, Audit, Event, Organization, Series
from tests.factories import SECRET, make_account, make_event, make_organization, make_series, moment


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


@pytest.fixture
def by(db: Session) -> Account:
    return make_account(db)


def acts(db: Session) -> list[tuple[str, int | None, dict[str, object]]]:
    return [(act.action, act.event_id, act.details) for act in db.scalars(select(Audit).order_by(Audit.id))]


def test_a_series_has_an_address_from_its_name_that_is_its_own(
    db: Session, organization: Organization, by: Account
) -> None:
    for title in ("Чӣ тавр?", "Чӣ тавр", "iTalk"):
        series.add(db, organization_id=organization.id, by=by, title={"tg": title})
    series.add(db, organization_id=make_organization(db).id, by=by, title={"en": "iTalk"})
    listed = series.of_organization(db, organization_id=organization.id)
    assert [row.slug for row in listed] == ["chi-tavr", "chi-tavr-2", "italk"]
    assert acts(db)[0] == ("series.added", None, {"series": listed[0].id})


@pytest.mark.parametrize("title", [{"en": "ITALK"}, {"ru": "italk", "tg": "Дигар"}])
def test_a_series_name_is_unique_in_an_organization(
    db: Session, organization: Organization, by: Account, title: dict[str, str]
) -> None:
    series.add(db, organization_id=organization.id, by=by, title={"tg": "iTalk"})
    second = series.add(db, organization_id=organization.id, by=by, title={"tg": "Мубоҳиса"})
    with pytest.raises(Invalid) as refusal:
        series.add(db, organization_id=organization.id, by=by, title=title)
    assert (refusal.value.field, refusal.value.reason) == ("series_title", "series_taken")
    with pytest.raises(Invalid) as refusal:
        series.rename(db, series=second, by=by, title=title)
    assert (refusal.value.field, refusal.value.reason) == (f"title.{next(iter(title))}", "series_taken")
    assert second.title == {"tg": "Мубоҳиса"}


def test_of_two_who_add_the_same_series_the_second_gets_an_error(
    db: Session, organization: Organization, by: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    series.add(db, organization_id=organization.id, by=by, title={"en": "iTalk"})
    # Neither sees the other's yet; the constraint does.
    monkeypatch.setattr(series, "of_organization", lambda db, organization_id: [])
    with pytest.raises(Invalid) as refusal:
        series.add(db, organization_id=organization.id, by=by, title={"en": "iTalk"})
    assert refusal.value.reason == "series_taken"
    assert len(db.scalars(select(Series)).all()) == 1


def test_the_number_of_series_is_limited(
    db: Session, organization: Organization, by: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "MOST", 1)
    series.add(db, organization_id=organization.id, by=by, title={"en": "iTalk"})
    with pytest.raises(Invalid) as refusal:
        series.add(db, organization_id=organization.id, by=by, title={"en": "Another"})
    assert refusal.value.reason == "series_many"


def test_a_renamed_series_keeps_its_address(db: Session, organization: Organization, by: Account) -> None:
    row = series.add(db, organization_id=organization.id, by=by, title={"tg": "iTalk"})
    for _ in range(2):
        series.rename(db, series=row, by=by, title={"tg": "Суханронӣ", "en": "Talks"})
    assert (row.slug, row.title) == ("italk", {"tg": "Суханронӣ", "en": "Talks"})
    assert [action for action, _, _ in acts(db)] == ["series.added", "series.renamed"]


def test_an_event_is_put_into_a_series_and_out_of_it(db: Session, organization: Organization, by: Account) -> None:
    event, row = make_event(db, organization=organization), make_series(db, organization_id=organization.id)
    for chosen in (row, row, None):
        series.choose(db, event=event, by=by, series=chosen)
        db.refresh(event)
        assert event.series_id == (chosen.id if chosen else None)
    entry = ("event.edited", event.id, {"part": "series", "fields": ["series"]})
    assert acts(db) == [entry, entry]
    assert event.version == 3


def test_an_event_is_not_put_into_another_organization_s_series(
    db: Session, organization: Organization, by: Account
) -> None:
    event, foreign = make_event(db, organization=organization), make_series(db)
    with pytest.raises(Missing):
        series.choose(db, event=event, by=by, series=foreign)
    sketch = Sketch(
        language="en", title="Evening", starts=moment(18).replace(tzinfo=None), ends=moment(20).replace(tzinfo=None)
    )
    with pytest.raises(Missing):
        drafts.create(db, organization=organization, by=by, sketch=sketch, secret=SECRET, series=foreign)
    with pytest.raises(Missing):
        series.lock(db, series_id=foreign.id, organization_id=organization.id)
    assert db.scalars(select(Event.series_id)).all() == [None]


def test_a_copy_belongs_to_the_same_series(db: Session, organization: Organization, by: Account) -> None:
    row = make_series(db, organization_id=organization.id)
    event = make_event(db, organization=organization, series_id=row.id)
    starts = moment(18).replace(tzinfo=None)
    twin = drafts.copy(db, event=event, by=by, title={"en": "Again"}, starts=starts, slug="again", secret=SECRET)
    assert twin.series_id == row.id
