"""A new event, or a copy, in a night when the clocks change: of a repeated hour, the chosen time is saved."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Account, Event, Membership, Organization
from tests.factories import make_account, make_event, make_organization, make_sign_in
from tests.support.editor import NEW, newest

TWICE = "2038-10-31T02:30"
"""A time in a repeated hour in Berlin; 2038-03-28T02:30 is in a skipped one."""


@pytest.fixture
def berliner(client: FlaskClient, db: Session) -> Organization:
    """An organization in Berlin; the client is signed in as its organizer."""
    organization = make_organization(db, zone="Europe/Berlin", name={"en": "Spree"})
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role="organizer")))
    return organization


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_a_new_event_starts_at_the_chosen_one_of_a_repeated_hour(
    client: FlaskClient, db: Session, berliner: Organization, which: str, hour: int
) -> None:
    form = {**NEW, "starts_local": TWICE, "ends_local": "2038-10-31T05:00"}
    answer = client.post("/organize/new", data=form)
    assert answer.status_code == 422
    assert 'name="starts_local.which"' in answer.text
    assert client.post("/organize/new", data={**form, "starts_local.which": which}).status_code == 303
    event = newest(db)
    assert event.starts_at == datetime(2038, 10, 31, hour, 30, tzinfo=UTC)
    assert [session.starts_at for session in event.sessions] == [event.starts_at]


def test_an_end_in_a_repeated_hour_is_chosen_too(client: FlaskClient, db: Session, berliner: Organization) -> None:
    form = {**NEW, "starts_local": TWICE, "ends_local": TWICE, "starts_local.which": "first"}
    assert 'name="ends_local.which"' in client.post("/organize/new", data=form).text
    assert client.post("/organize/new", data={**form, "ends_local.which": "second"}).status_code == 303
    event = newest(db)
    assert event.ends_at is not None
    assert event.starts_at is not None
    assert event.ends_at - event.starts_at == timedelta(hours=1)


def test_choosing_the_second_of_a_repeated_hour_saves_the_second(
    client: FlaskClient, db: Session, berliner: Organization
) -> None:
    form = {**NEW, "starts_local": TWICE, "ends_local": "2038-10-31T05:00"}
    for which in ("first", "second", "second"):
        client.post("/organize/new", data={**form, "starts_local.which": which})
    starts = db.scalars(select(Event.starts_at).where(Event.organization_id == berliner.id).order_by(Event.id)).all()
    assert [at.hour for at in starts if at] == [0, 1]


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_a_copy_starts_at_the_chosen_one_of_a_repeated_hour(
    client: FlaskClient, db: Session, berliner: Organization, which: str, hour: int
) -> None:
    event = evening(db, berliner)
    address = f"/organize/events/{event.id}/edit/copy"
    form = {"title.tg": "Again", "slug": "again", "starts_local": TWICE}
    assert 'name="starts_local.which"' in client.post(address, data=form).text
    assert client.post(address, data={**form, "starts_local.which": which}).status_code == 303
    twin = newest(db)
    starts = datetime(2038, 10, 31, hour, 30, tzinfo=UTC)
    assert (twin.starts_at, twin.ends_at) == (starts, datetime(2038, 10, 31, 3, 30, tzinfo=UTC))
    assert [(session.starts_at, session.ends_at) for session in twin.sessions] == [(twin.starts_at, twin.ends_at)]


def evening(db: Session, organization: Organization) -> Event:
    """Return an event of two hours."""
    return make_event(db, organization=organization, zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("starts", "ends_at"),
    [
        ("2038-10-31T00:30", datetime(2038, 10, 31, 0, 30, tzinfo=UTC)),
        ("2038-10-31T01:00", datetime(2038, 10, 31, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_copys_end_in_a_repeated_hour_is_the_first(
    client: FlaskClient, db: Session, berliner: Organization, starts: str, ends_at: datetime
) -> None:
    event = evening(db, berliner)
    form = {"title.tg": "Again", "slug": "again", "starts_local": starts}
    assert client.post(f"/organize/events/{event.id}/edit/copy", data=form).status_code == 303
    assert newest(db).ends_at == ends_at


def test_a_copy_that_ends_in_a_skipped_hour_is_refused_at_its_start(
    client: FlaskClient, db: Session, berliner: Organization
) -> None:
    event = evening(db, berliner)
    form = {"title.tg": "Again", "slug": "again", "starts_local": "2038-03-28T00:30"}
    answer = client.post(f"/organize/events/{event.id}/edit/copy", data=form)
    assert answer.status_code == 422
    assert 'href="#copy-starts_local"' in answer.text
    assert 'id="copy-starts_local-error">The end would fall in an hour' in answer.text


def test_a_copy_with_a_session_in_a_skipped_hour_is_refused_at_its_start(
    client: FlaskClient, db: Session, berliner: Organization
) -> None:
    event = evening(db, berliner)
    event.sessions[0].starts_local = event.starts_local and event.starts_local + timedelta(minutes=30)
    db.flush()
    form = {"title.tg": "Again", "slug": "again", "starts_local": "2038-03-28T01:30"}
    answer = client.post(f"/organize/events/{event.id}/edit/copy", data=form)
    assert answer.status_code == 422
    assert 'id="copy-starts_local-error">A session would fall' in answer.text


def test_a_repeated_hour_is_asked_by_the_clock_of_the_chosen_organization(
    organizer: FlaskClient, db: Session, event: Event, account: Account
) -> None:
    berlin = make_organization(db, zone="Europe/Berlin", name={"en": "Spree"})
    db.add(Membership(organization_id=berlin.id, account_id=account.id, role="organizer"))
    db.flush()
    form = {**NEW, "title": "", "starts_local": TWICE, "ends_local": "2038-10-31T05:00"}
    for organization, is_asked in ((berlin, True), (event.organization, False)):
        answer = organizer.post("/organize/new", data={**form, "organization": str(organization.id)})
        assert ('name="starts_local.which"' in answer.text) == is_asked
