"""A new event: created from a few questions, or as a copy of an earlier one."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.events import slugs
from shared.models import Account, Audit, Event, Membership, TicketType
from tests.factories import make_account, make_event, make_organization, make_registration, make_series, make_sign_in
from tests.support.editor import NEW, newest, span


def test_a_new_event_is_a_draft(organizer: FlaskClient, db: Session) -> None:
    answer = organizer.post("/organize/new", data=NEW)
    assert answer.status_code == 303
    event = db.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.state, event.slug, event.capacity) == ("draft", "italk-8-chi-tavr", 120)
    assert (event.title, event.venue) == ({"tg": NEW["title"]}, {"tg": "Опера"})
    assert event.starts_local == datetime(2038, 5, 1, 18)
    another = organizer.post("/organize/new", data={**NEW, "capacity": "80"})
    assert another.status_code == 303
    assert db.scalars(select(Event.slug).order_by(Event.id.desc())).first() == "italk-8-chi-tavr-2"


@pytest.mark.parametrize(("before", "expected"), [(None, "ru"), ("en", "en"), ("tg", "tg")])
def test_the_language_of_a_new_event_is_that_of_the_last_one_else_of_the_page(
    client: FlaskClient, db: Session, before: str | None, expected: str
) -> None:
    organization = make_organization(db)
    if before:
        make_event(db, organization=organization, languages=["ru"], title={"ru": "Вечер"})
        make_event(db, organization=organization, languages=[before], title={before: "iTalk"})
    make_event(db, languages=["en"], title={"en": "Of others"})
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role="organizer")))
    client.set_cookie("language", "ru")
    page = client.get("/organize/new").text
    assert re.findall(r'name="language" value="(\w+)" checked', page) == [expected]


@pytest.mark.parametrize("more", [{}, {"series_title": "iTalk"}, {"series_title": " iTalk  И\u0306 \u200b"}])
def test_a_form_that_is_sent_twice_creates_one_draft(organizer: FlaskClient, db: Session, more: dict[str, str]) -> None:
    first, again = (organizer.post("/organize/new", data=NEW | more) for _ in range(2))
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    event = newest(db)
    assert db.scalars(select(Audit.event_id).where(Audit.action == "event.created")).all() == [event.id]
    changed = organizer.post("/organize/new", data={**NEW, "series_title": "Another"})
    assert changed.headers["Location"] != first.headers["Location"]


@pytest.mark.parametrize("otherwise", ["published", "by somebody else"])
def test_a_published_or_another_persons_event_is_not_the_same_draft(
    organizer: FlaskClient, db: Session, account: Account, event: Event, otherwise: str
) -> None:
    first = organizer.post("/organize/new", data=NEW).headers["Location"]
    if otherwise == "published":
        newest(db).state = "published"
    if otherwise == "by somebody else":
        colleague = make_account(db, organization=event.organization, role="organizer")
        organizer.set_cookie("sign_in", make_sign_in(db, colleague))
    db.flush()
    assert organizer.post("/organize/new", data=NEW).headers["Location"] != first


def test_the_same_form_a_minute_later_creates_another_draft(organizer: FlaskClient) -> None:
    first = organizer.post("/organize/new", data=NEW).headers["Location"]
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert organizer.post("/organize/new", data=NEW).headers["Location"] != first


def test_an_address_taken_meanwhile_is_replaced(
    organizer: FlaskClient, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals = iter(("italk", "italk", "italk-2"))
    monkeypatch.setattr(slugs, "propose_slug", lambda db, title: next(proposals))
    organizer.post("/organize/new", data=NEW)
    assert organizer.post("/organize/new", data={**NEW, "capacity": "80"}).status_code == 303
    assert newest(db).slug == "italk-2"


def test_a_copy_that_is_sent_twice_is_created_once(organizer: FlaskClient, db: Session, event: Event) -> None:
    form = {"title.tg": "iTalk 8", "starts_local": "2038-05-01T19:00", "slug": "italk-8"}
    first, again = (organizer.post(f"/organize/events/{event.id}/edit/copy", data=form) for _ in range(2))
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert newest(db).slug == "italk-8"
    different = organizer.post(f"/organize/events/{event.id}/edit/copy", data={**form, "title.tg": "iTalk 9"})
    assert different.status_code == 422
    assert "Another event has this address." in different.text


def test_a_copy_of_an_event_with_doors_open_at_any_time_has_such_doors(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    event.doors_open_minutes = None
    db.flush()
    form = {"title.tg": "iTalk 8", "starts_local": "2038-05-01T19:00", "slug": "italk-8"}
    organizer.post(f"/organize/events/{event.id}/edit/copy", data=form)
    copy = newest(db)
    db.refresh(copy)
    assert (copy.slug, copy.doors_open_minutes) == ("italk-8", None)


def test_a_new_event_joins_a_series_or_creates_one(organizer: FlaskClient, db: Session, event: Event) -> None:
    assert 'name="series_id"' not in organizer.get("/organize/new").text
    assert organizer.post("/organize/new", data={**NEW, "series_title": "iTalk"}).status_code == 303
    first = newest(db)
    assert first.series is not None
    assert (first.series.slug, first.series.title) == ("italk", {"tg": "iTalk"})
    assert f'<option value="{first.series_id}">iTalk</option>' in organizer.get("/organize/new").text
    organizer.post("/organize/new", data={**NEW, "series_id": str(first.series_id)})
    assert newest(db).series_id == first.series_id
    organizer.post("/organize/new", data={**NEW, "series_id": ""})
    assert newest(db).series_id is None


def test_a_new_event_cannot_join_a_series_of_another_organization(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    own, foreign = make_series(db, organization_id=event.organization_id), make_series(db, title={"en": "Theirs"})
    assert "Theirs" not in organizer.get("/organize/new").text
    answer = organizer.post("/organize/new", data={**NEW, "series_id": str(foreign.id)})
    assert answer.status_code == 422
    assert 'id="new-series_id-error"' in answer.text
    answer = organizer.post("/organize/new", data={**NEW, "series_id": str(own.id), "series_title": "ITALK"})
    assert answer.status_code == 422
    assert "A series with this name already exists." in answer.text
    assert 'value="ITALK"' in answer.text
    assert f'<option value="{own.id}" selected>' in answer.text
    assert newest(db).id == event.id


def test_an_organizer_of_several_sees_the_organization_of_each_series(
    organizer: FlaskClient, db: Session, event: Event, account: Account
) -> None:
    organization = make_organization(db, name={"en": "Navruz"})
    db.add(Membership(organization_id=organization.id, account_id=account.id, role="organizer"))
    theirs = make_series(db, organization_id=organization.id)
    assert f'<option value="{theirs.id}">iTalk · Navruz</option>' in organizer.get("/organize/new").text
    form = {**NEW, "series_id": str(theirs.id), "organization": str(event.organization_id)}
    assert organizer.post("/organize/new", data=form).status_code == 422
    assert organizer.post("/organize/new", data={**form, "organization": str(organization.id)}).status_code == 303
    assert newest(db).series_id == theirs.id


@pytest.mark.parametrize(
    "change", [{"title": ""}, {"ends_local": "2038-05-01T17:00"}, {"starts_local": ""}, {"language": "xx"}]
)
def test_an_invalid_new_event_is_refused(organizer: FlaskClient, db: Session, change: dict[str, str]) -> None:
    answer = organizer.post("/organize/new", data={**NEW, **change})
    assert answer.status_code == 422
    assert "Опера" in answer.text


def test_a_viewer_cannot_create_events(client: FlaskClient, db: Session) -> None:
    organization = make_organization(db)
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role="viewer")))
    assert "You do not have permission to create events." in client.get("/organize/new").text
    assert client.post("/organize/new", data={**NEW, "organization": str(organization.id)}).status_code == 422
    assert 'href="/organize/new"' not in client.get("/organize/").text


def test_a_copy_has_everything_but_people_and_moves_in_time(
    organizer: FlaskClient, rows: Callable[..., Any], db: Session, event: Event
) -> None:
    event.title = {"tg": "iTalk 7"}
    event.headcount, event.closes_at = 22, event.starts_at
    rows("sessions/", **span(event, 2, 3), **{"title.tg": "Дуюм"})
    rows("speakers/", **{"name.tg": "Ann"})
    rows("ticket_types/", **{"title.tg": "Меҳмон", "sessions": str(event.sessions[0].id)})
    guest = db.scalars(select(TicketType.id).order_by(TicketType.id.desc())).first()
    rows("questions/", ready="district", kind="short", ticket_type_id=str(guest))
    make_registration(db, event)
    page = organizer.get(f"/organize/events/{event.id}/edit/copy").text
    assert 'value="iTalk 8"' in page
    assert 'value="italk-8"' in page
    form = {"title.tg": "iTalk 8", "starts_local": "2038-05-01T19:00", "slug": "italk-8"}
    assert organizer.post(f"/organize/events/{event.id}/edit/copy", data=form).status_code == 303
    db.expire_all()
    twin = db.scalars(select(Event).where(Event.slug == "italk-8")).one()
    assert (twin.state, twin.taken, twin.headcount, twin.capacity) == ("draft", 0, None, 50)
    assert [session.starts_local.hour for session in twin.sessions if session.starts_local] == [19, 21]
    assert [len(ticket_type.sessions) for ticket_type in twin.ticket_types] == [2, 1]
    assert twin.questions[0].ticket_type_id == twin.ticket_types[1].id
    assert twin.closes_at == twin.starts_at
    assert [speaker.name for speaker in twin.speakers] == [{"tg": "Ann"}]


def test_a_draft_is_deleted_with_its_content(organizer: FlaskClient, db: Session) -> None:
    organizer.post("/organize/new", data=NEW)
    draft = newest(db)
    address = f"/organize/events/{draft.id}/edit"
    assert "Delete draft" in organizer.get(f"{address}/").text
    answer = organizer.post(f"{address}/discard")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/organize/")
    db.expunge_all()
    assert db.get(Event, draft.id) is None
    assert db.scalars(select(Audit.action).where(Audit.event_id == draft.id)).all()[-1] == "event.draft_deleted"
    assert organizer.get(f"{address}/").status_code == 404


@pytest.mark.parametrize("state", ["published", "draft"])
def test_an_event_with_people_is_not_deleted(organizer: FlaskClient, db: Session, event: Event, state: str) -> None:
    make_registration(db, event)
    event.state = state
    db.flush()
    assert organizer.post(f"/organize/events/{event.id}/edit/discard").status_code == 409
    db.expunge_all()
    assert db.get(Event, event.id) is not None
