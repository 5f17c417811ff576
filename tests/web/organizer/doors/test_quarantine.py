"""Scans of an untrusted phone: shown on the doors page, accepted or deleted in two steps, and in the audit."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.door import passes, quarantine
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.models import Admission, Device, Event, Quarantined, Registration
from tests.factories import make_registration
from tests.support.organizer_pages import message_of
from tests.support.recorded_acts import acts
from tests.support.scans import claim


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/"


@pytest.fixture
def revoked(db: Session, phone: Device) -> Device:
    """A phone that was revoked twenty minutes ago."""
    phone.revoked_at = clock.now() - timedelta(minutes=20)
    db.flush()
    return phone


def leave(db: Session, device: Device, *scans: ScanClaim, **more: Any) -> None:
    quarantine.receive(db, device=device, batch=Batch(scans=scans, **more))
    db.expire_all()


def checked_in(db: Session) -> set[str]:
    db.expire_all()
    return set(db.scalars(select(Admission.person).where(Admission.first.is_not(None))))


def test_an_empty_quarantine_is_not_shown(organizer: FlaskClient, address: str, revoked: Device) -> None:
    assert "quarantine" not in organizer.get(address).text.replace('data-live="quarantines"', "")


def test_a_quarantine_is_shown_with_its_volunteer_and_times(
    organizer: FlaskClient, db: Session, event: Event, address: str, revoked: Device
) -> None:
    walk_in = WalkIn(id=uuid4(), name="Фирӯза", language="tg")
    scans = [
        claim(event, person=person, at=clock.milliseconds(clock.now() - timedelta(minutes=minutes)))
        for person, minutes in ((str(walk_in.id), 40), (make_registration(db, event).ticket_id, 30))
    ]
    leave(db, revoked, *scans, walk_ins=[walk_in])
    for text in (organizer.get(address).text, organizer.get(f"{address}changing.json").get_json()["html"]):
        item = text.partition(f'id="quarantine-{revoked.id}"')[2].partition("</ul>\n<ul")[0].partition('id="phone-')[0]
        for words in (": 2 scans, 1 walk-in<", "20 minutes ago", "just now", ">Accept 2 scans, 1 walk-in<"):
            assert words in item
        assert "Нигина · North door" in item
        assert re.search(r"scanned, by its own clock: [^<]*\d\d:\d\d – [^<]*\d\d:\d\d", item)
        assert item.count('class="act-twice"') == 2
        assert "Фирӯза" not in item


def test_accepted_scans_count_and_are_in_the_audit(
    organizer: FlaskClient, db: Session, event: Event, address: str, revoked: Device
) -> None:
    guest, walk_in = make_registration(db, event), WalkIn(id=uuid4(), name="Фирӯза", language="tg")
    leave(
        db, revoked, *(claim(event, person=person) for person in (guest.ticket_id, str(walk_in.id))), walk_ins=[walk_in]
    )
    assert checked_in(db) == set()
    accept = f"{address}phones/{revoked.id}/quarantine/accept"
    assert message_of(organizer, organizer.post(accept)) == "2 new scans."
    assert checked_in(db) == {guest.ticket_id, str(walk_in.id)}
    assert db.scalars(select(Registration.name).where(Registration.walk_in)).all() == ["Фирӯза"]
    assert acts(db)[-1] == ("quarantine.accepted", {"device_id": str(revoked.id), "accepted": 2})
    again = organizer.post(f"{address}phones/{revoked.id}/quarantine/accept")
    assert message_of(organizer, again) == "No scans were found."
    db.refresh(revoked)
    assert (revoked.scans, revoked.revoked_at is not None) == (2, True)


def test_deleted_scans_never_count_and_the_phone_sends_no_more(
    organizer: FlaskClient, db: Session, event: Event, address: str, revoked: Device
) -> None:
    leave(db, revoked, claim(event, person=make_registration(db, event).ticket_id))
    answer = organizer.post(f"{address}phones/{revoked.id}/quarantine/delete")
    assert message_of(organizer, answer) == "Everything from this phone that was waiting to be accepted is deleted."
    assert (checked_in(db), db.scalars(select(Quarantined)).all()) == (set(), [])
    assert acts(db)[-1] == ("quarantine.deleted", {"device_id": str(revoked.id), "scans": 1, "walk_ins": 0})
    page = organizer.get(address).text
    assert 'id="quarantine-' not in page


def test_a_phone_that_is_not_revoked_is_not_called_revoked(
    organizer: FlaskClient, db: Session, address: str, phone: Device
) -> None:
    people = [WalkIn(id=uuid4(), name=f"Guest {number}", language="tg") for number in range(200)]
    leave(db, phone, walk_ins=people)
    page = organizer.get(address).text
    assert "faster than anyone can type" in page
    assert "All of this is deleted for good. This cannot be undone." in page
    assert "sent this afterwards" not in page
    organizer.post(f"{address}phones/{phone.id}/quarantine/delete")
    assert len(db.scalars(select(Registration.id).where(Registration.walk_in)).all()) in {30, 60}
    leave(db, phone, walk_ins=people[:1])


def test_revoking_a_phone_explains_the_pass_and_offers_a_new_link(
    organizer: FlaskClient, db: Session, address: str, phone: Device
) -> None:
    page = organizer.get(address).text
    assert "the old one can still pair any other phone" in page
    assert re.search(r'name="renew" value="1" checked', page)
    door_pass = phone.door_pass
    assert door_pass is not None
    assert message_of(organizer, organizer.post(f"{address}phones/{phone.id}/revoke", data={"renew": "1"})).endswith(
        "new link."
    )
    db.refresh(door_pass)
    assert door_pass.version == 2
    assert acts(db)[-1][0] == "phone.revoked_and_pass_renewed"


def test_a_phone_is_revoked_without_its_pass(organizer: FlaskClient, db: Session, address: str, phone: Device) -> None:
    door_pass = phone.door_pass
    assert door_pass is not None
    organizer.post(f"{address}phones/{phone.id}/revoke")
    db.refresh(door_pass)
    assert door_pass.version == 1


def test_a_revoked_phone_is_allowed_again(organizer: FlaskClient, db: Session, address: str, revoked: Device) -> None:
    door_pass = revoked.door_pass
    assert door_pass is not None
    assert "Allow pairing again" in organizer.get(address).text
    answer = organizer.post(f"{address}phones/{revoked.id}/allow")
    assert message_of(organizer, answer) == "This phone can be paired again with a valid door pass."
    page = organizer.get(address).text
    assert ("This phone can be paired again." in page, "Allow pairing again" in page) == (True, False)
    db.expire_all()
    assert passes.pair(db, pass_id=door_pass.id, version=1, phone=revoked.phone, volunteer="Далер")
    assert acts(db)[-1][0] == "phone.allowed"


@pytest.mark.parametrize("act", ["allow", "quarantine/accept", "quarantine/delete"])
def test_a_viewer_may_do_none_of_it(viewer: FlaskClient, address: str, revoked: Device, act: str) -> None:
    assert viewer.post(f"{address}phones/{revoked.id}/{act}").status_code == 403
