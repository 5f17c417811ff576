"""The events of a member's organizations, and an event's overview."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock
from shared.models import Event, Organization
from tests.conftest import Statements
from tests.factories import (
    close_event,
    make_account,
    make_door,
    make_event,
    make_organization,
    make_registration,
    make_sign_in,
)
from tests.support.form_filling import form_in


@pytest.fixture
def organization(db: Session) -> Organization:
    return make_organization(db)


def sign_in(client: FlaskClient, db: Session, organization: Organization, role: str = "organizer") -> None:
    client.set_cookie("sign_in", make_sign_in(db, make_account(db, organization=organization, role=role)))


def test_members_see_all_events_of_their_organization_and_no_others(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    make_event(db, organization=organization, title={"en": "Our evening"}, capacity=50)
    make_event(db, organization=organization, title={"en": "Our draft"}, state="draft")
    make_event(db, title={"en": "Their evening"})
    sign_in(client, db, organization, "viewer")
    page = client.get("/organize/").text
    assert "Our evening" in page
    assert "0 of 50 seats taken" in page
    assert "Our draft" in page
    assert "Their evening" not in page


def test_past_events_show_how_many_came_or_that_it_was_not_recorded(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    long_ago = clock.now() - timedelta(days=60)
    make_event(db, starts_at=long_ago, organization=organization, headcount=120)
    make_event(db, starts_at=long_ago, organization=organization)
    sign_in(client, db, organization)
    page = client.get("/organize/").text
    assert "120 people came (headcount)" in page
    assert "Attendance not recorded" in page


def test_a_draft_with_a_past_date_is_called_a_draft(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    make_event(db, starts_at=clock.now() - timedelta(days=60), organization=organization, state="draft")
    sign_in(client, db, organization)
    page = client.get("/organize/").text.partition('id="past"')[2]
    assert "Draft: not visible to visitors" in page
    assert "Attendance not recorded" not in page


def test_the_next_event_is_first_and_the_latest_is_first_of_the_past(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    days = {"Soon": 1, "Later": 9, "Yesterday": -1, "Long ago": -40}
    for title in ("Later", "Long ago", "Soon", "Yesterday"):
        starts = clock.now() + timedelta(days=days[title])
        make_event(db, organization=organization, title={"en": title}, starts_at=starts)
    make_event(
        db, organization=organization, title={"en": "Unknown"}, known="unknown", starts_local=None, ends_local=None
    )
    sign_in(client, db, organization)
    page = client.get("/organize/").text
    assert re.findall(r">(Soon|Later|Yesterday|Long ago|Unknown)<", page) == [*days, "Unknown"]


def test_a_long_list_has_pages(client: FlaskClient, db: Session, organization: Organization) -> None:
    for number in range(22):
        make_event(db, organization=organization, title={"en": f"Evening number {number}."})
    sign_in(client, db, organization)
    first, second = client.get("/organize/").text, client.get("/organize/?page=2").text
    assert len(re.findall(r"Evening number \d+\.", first)) == 20
    assert len(re.findall(r"Evening number \d+\.", second)) == 2
    assert client.get("/organize/?page=nonsense").status_code == 200


def test_an_account_without_an_organization_sees_its_own_address(client: FlaskClient, db: Session) -> None:
    account = make_account(db)
    client.set_cookie("sign_in", make_sign_in(db, account))
    assert account.email in client.get("/organize/").text


def test_the_list_takes_as_many_statements_for_ten_events_as_for_one(
    client: FlaskClient, db: Session, organization: Organization, statements: Statements
) -> None:
    sign_in(client, db, organization)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            make_event(db, organization=organization)
        db.expire_all()
        with statements() as executed:
            client.get("/organize/")
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 5, "\n".join(executed)


@pytest.fixture
def event(db: Session, organization: Organization) -> Event:
    return make_event(db, organization=organization, capacity=50)


def test_organizers_have_a_link_to_the_doors_and_viewers_only_figures(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    make_registration(db, event)
    make_door(db, event)
    make_door(db, event, closed_at=clock.now())
    sign_in(client, db, organization)
    page = client.get(f"/organize/events/{event.id}/").text
    assert "2 doors are open" in page
    assert f'href="/organize/events/{event.id}/doors/"' in page
    sign_in(client, db, organization, "viewer")
    page = client.get(f"/organize/events/{event.id}/").text
    assert "<strong>1</strong> seat taken" in page
    assert f"/organize/events/{event.id}/doors/" not in page


def test_closed_doors_are_not_called_open(
    client: FlaskClient, db: Session, organization: Organization, event: Event
) -> None:
    sign_in(client, db, organization)
    page = f"/organize/events/{event.id}/"
    close_event(db, event, "doors_closed")
    closed = client.get(page).text
    assert "Doors closed: " in closed
    assert f'href="/organize/events/{event.id}/report">Open report</a>' in closed
    close_event(db, event, "cancelled")
    for text in (closed, client.get(page).text):
        assert "door is open" not in text
        assert "Codes, phones and rules" in text


def test_a_draft_without_a_day_is_upcoming_and_a_published_event_without_one_is_past(
    client: FlaskClient, db: Session, organization: Organization
) -> None:
    undated = {"known": "unknown", "starts_local": None, "ends_local": None, "organization": organization}
    make_event(db, title={"en": "Long ago"}, **undated)
    make_event(db, title={"en": "Some day"}, state="draft", **undated)
    make_event(db, title={"en": "Next week"}, organization=organization)
    sign_in(client, db, organization)
    page = client.get("/organize/").text
    order = ['id="upcoming"', "Next week", "Some day", 'id="past"', "Long ago"]
    positions = [page.index(word) for word in order]
    assert positions == sorted(positions)


def test_a_change_of_language_keeps_the_search(organizer: FlaskClient, event: Event) -> None:
    address = f"/organize/events/{event.id}/people/?q=%D0%98%D0%B2%D0%B0%D0%BD+%D0%98&state=confirmed"
    form = form_in(organizer.get(address).text, "/account/language")
    assert organizer.post("/account/language", data={**form, "language": "tg"}).location == address
