"""Actions on a mailing: test, send, schedule, return to a draft, delete, stop."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.database import lock_row
from shared.errors import Missing
from shared.mailings import audiences, mailings
from shared.models import Mailing
from web.access import ORGANIZER, Member, network
from web.forms.mailings import read_moment, written
from web.limits import Limit
from web.pages import edit_conflicts
from web.pages.organizer import event_of, no_store
from web.pages.organizer.mailings.page import address, back, refused
from web.routes import Routes

pages = Routes(
    "organizer_mailing_acts", __name__, url_prefix="/organize/events/<int:event_id>/mailings/<int:mailing_id>"
)
pages.after_request(no_store)

TESTS = Limit("mailing_test", 60, 3600, network)


@pages.post("/test", access=ORGANIZER, limits=(TESTS,))
def test(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Email a test of the mailing to oneself, in one language."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    language = request.form.get("language", "")
    if language not in event_of(by).languages:
        raise Missing("language")
    mailings.test(db, mailing=mailing, by=by.account, language=language)
    return back(event_id, mailing_id, "tested", f"&in={language}")


@pages.post("/send", access=ORGANIZER, refused=refused)
def send(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Send the mailing now, unless it differs from the page that was shown."""
    mailing = _lock_unchanged(db, by, mailing_id)
    mailings.send(db, mailing=mailing, by=by.account)
    return redirect(address(event_id, mailing_id), 303)


@pages.post("/schedule", access=ORGANIZER, refused=refused)
def schedule(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Schedule or reschedule the mailing, unless it differs from the page that was shown."""
    mailing = _lock_unchanged(db, by, mailing_id)
    due_at = read_moment(request.form, event_of(by).zone)
    mailings.schedule(db, mailing=mailing, by=by.account, due_at=due_at)
    return back(event_id, mailing_id, "scheduled")


@pages.post("/unschedule", access=ORGANIZER, refused=refused)
def unschedule(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Return a scheduled mailing to a draft."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    mailings.schedule(db, mailing=mailing, by=by.account, due_at=None)
    return back(event_id, mailing_id, "unscheduled")


@pages.post("/delete", access=ORGANIZER, refused=refused)
def delete(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Delete a mailing that has not started, unless it differs from the page that was shown."""
    mailing = _lock_unchanged(db, by, mailing_id)
    mailings.delete(db, mailing=mailing, by=by.account)
    return redirect(f"{address(event_id)}?said=deleted", 303)


@pages.post("/stop", access=ORGANIZER, refused=refused)
def stop(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Stop a mailing: emails not yet sent are skipped."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    mailings.stop(db, mailing=mailing, by=by.account)
    return back(event_id, mailing_id, "stopped")


def _lock_unchanged(db: Session, by: Member, mailing_id: int) -> Mailing:
    """Return the mailing, locked. Raises Stale where its text or audience differs from the page that was shown."""
    event = event_of(by)
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event.id)
    lock_row(db, Mailing, mailing.id)
    if mailing.started_at is None:
        edit_conflicts.check(written(mailing, event.languages))
    return mailing
