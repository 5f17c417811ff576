"""The audit: who did what, ids only, never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.audit import activity, audit
from shared.models import Audit
from tests.factories import make_account, make_event, make_organization, make_registration


def test_an_act_is_found_by_event_and_by_person(db: Session) -> None:
    guest, by = make_registration(db), make_account(db)
    audit.note(db, by=by, action="registration.cancelled", registration=guest, by_hand=True)
    audit.note(db, by=None, action="report.compiled", event=guest.event, version=1)
    of_event = activity.of_event(db, event_id=guest.event_id, limit=10)
    assert [(act.action, act.name) for act in of_event] == [
        ("report.compiled", None),
        ("registration.cancelled", by.name),
    ]
    [about] = activity.of_registration(db, registration_id=guest.id, limit=10)
    assert (about.event_id, about.details) == (guest.event_id, {"by_hand": True})
    earlier = activity.of_organization(db, organization_id=guest.event.organization_id, limit=1, before=of_event[0].id)
    assert [act.action for act in earlier] == ["registration.cancelled"]


def test_an_act_of_no_organization_is_a_mistake(db: Session) -> None:
    with pytest.raises(ValueError, match="organization"):
        audit.note(db, by=make_account(db), action="nothing.done")


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
@pytest.mark.parametrize("is_own", [False, True])
def test_the_audit_is_append_only(db: Session, change: str, is_own: bool) -> None:
    if is_own:
        audit.note_own(db, account=make_account(db), action="account.password_changed")
    else:
        audit.note(db, by=None, action="event.published", event=make_event(db))
    with pytest.raises(IntegrityError, match="append-only"):
        db.execute(text(change))


def test_an_act_on_no_registrations_adds_no_line(db: Session) -> None:
    with pytest.raises(IntegrityError, match="ck_audit_whose"):
        db.execute(text("INSERT INTO audit (action) VALUES ('nothing.done')"))


def test_the_acts_of_an_account_outlive_it(db: Session) -> None:
    by, event = make_account(db), make_event(db)
    audit.note(db, by=by, action="event.published", event=event)
    db.delete(by)
    db.flush()
    [act] = activity.of_event(db, event_id=event.id, limit=10)
    assert (act.account_id, act.name) == (by.id, None)


def test_the_audit_of_a_sample_organization_is_deleted_with_it(db: Session) -> None:
    organization = make_organization(db, sample=True)
    audit.note(db, by=None, action="demo.loaded", organization_id=organization.id)
    db.execute(text("DELETE FROM audit WHERE organization_id = :id"), {"id": organization.id})
    assert db.query(Audit).count() == 0
