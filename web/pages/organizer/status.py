"""The system status: worker and scheduler, emails in the queue, and emails that failed, with the reasons."""

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts
from shared.errors import Missing
from shared.i18n import deferred, gettext, ngettext
from shared.models import Role
from shared.outbox import email_backlog, system_status
from web.access import SIGNED_IN, Member
from web.pages.organizer import delivery_faults, no_store
from web.pages.organizer.doors.wording import ago
from web.pages.organizer.status_wording import components, email_type
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_status", __name__, url_prefix="/organize/health")
pages.after_request(no_store)

PAGE, RETRIED_LIMIT = 50, 20
RESEND_HINT = deferred("status.resend_hint")


@pages.get("", access=SIGNED_IN)
def status(db: Session, by: Member) -> ResponseReturnValue:
    """Show the worker and scheduler to every member, and emails to organizers of their own organizations."""
    organizations = _organizations(db, by)
    number = page_number()
    failed = email_backlog.undelivered(
        db, organization_ids=organizations, given_up=True, limit=PAGE + 1, offset=(number - 1) * PAGE
    )
    retried = email_backlog.undelivered(db, organization_ids=organizations, given_up=False, limit=RETRIED_LIMIT)
    return render_template(
        "organizer/status.html",
        by=by,
        components=components(system_status.heartbeats(db)),
        may_see_emails=bool(organizations),
        backlog=email_backlog.backlog(db, organization_ids=organizations),
        failed=failed[:PAGE],
        retried=retried,
        has_more=len(failed) > PAGE,
        number=number,
        message=_message(),
        now=clock.now(),
        email_type=email_type,
        ago=ago,
        faults=delivery_faults,
    )


@pages.post("/again", access=SIGNED_IN)
def resend(db: Session, by: Member) -> ResponseReturnValue:
    """Resend one email, or all that failed. Raises Missing for an email of another organization."""
    message_id, organizations = _message_id(request.form.get("promise", "")), _organizations(db, by)
    count = email_backlog.send_again(db, organization_ids=organizations, by=by.account, message_id=message_id)
    # An email that is being sent right now exists, and is not resent: that is no reason for a 404.
    stuck = email_backlog.stuck(organization_ids=organizations, message_id=message_id)
    if message_id and not count and not db.execute(stuck).first():
        raise Missing("promise")
    return redirect(f"/organize/health?again={count}", 303)


def _organizations(db: Session, by: Member) -> Sequence[int]:
    """Return the ids of the organizations in which the account is more than a viewer."""
    memberships = accounts.memberships(db, account_id=by.account.id)
    return [row.organization_id for row in memberships if row.role.includes(Role.ORGANIZER)]


def _message_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Missing("promise") from None


def _message() -> str:
    count = request.args.get("again", None, int)
    if count is None:
        return ""
    if count <= 0:
        return gettext("status.resend_nothing")
    queued = ngettext("status.resend_queued", min(count, 10**6))
    return f"{queued} {gettext(RESEND_HINT)}"
