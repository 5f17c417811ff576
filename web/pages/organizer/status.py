"""Whether mails go out, in the organizer's words: what failed and why, what waits, and who was last at work."""

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import Missing
from shared.i18n import deferred, gettext, ngettext
from shared.models.account import ROLES
from shared.operations import deliveries
from shared.queries import accounts, email_backlog, system_status
from web.access import SIGNED_IN, Member
from web.pages.organizer import delivery_faults, no_store
from web.pages.organizer.doors.wording import ago
from web.pages.organizer.status_wording import kind, parts
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_health", __name__, url_prefix="/organize/health")
pages.after_request(no_store)

PAGE, MOST_RETRIED = 50, 20
SAID = deferred("status.resend_hint")


@pages.get("", access=SIGNED_IN)
def shown(db: Session, by: Member) -> ResponseReturnValue:
    """The parts of the service for every member; mails only for who may change something, and only of their own."""
    organizations = _organizations(db, by)
    number = page_number()
    found = email_backlog.undelivered(
        db, organization_ids=organizations, given_up=True, limit=PAGE + 1, offset=(number - 1) * PAGE
    )
    retried = email_backlog.undelivered(db, organization_ids=organizations, given_up=False, limit=MOST_RETRIED)
    return render_template(
        "organizer/health.html",
        by=by,
        parts=parts(system_status.heartbeats(db)),
        may_see_mails=bool(organizations),
        backlog=email_backlog.backlog(db, organization_ids=organizations),
        given_up=found[:PAGE],
        retried=retried,
        has_more=len(found) > PAGE,
        number=number,
        message=_said(),
        now=clock.now(),
        kind=kind,
        ago=ago,
        faults=delivery_faults,
    )


@pages.post("/again", access=SIGNED_IN)
def send_again(db: Session, by: Member) -> ResponseReturnValue:
    """Try one mail once more, or all that failed. Raises Missing for another organization's."""
    wanted, mine = _id(request.form.get("promise", "")), _organizations(db, by)
    count = deliveries.send_again(db, organization_ids=mine, by=by.account, message_id=wanted)
    # One that is being tried at this moment is there, and not sent again.
    if wanted and not count and not db.execute(email_backlog.stuck(organization_ids=mine, message_id=wanted)).first():
        raise Missing("promise")
    return redirect(f"/organize/health?again={count}", 303)


def _organizations(db: Session, by: Member) -> Sequence[int]:
    """Those in which the account is more than a viewer."""
    found = accounts.memberships(db, account_id=by.account.id)
    return [one.organization_id for one in found if ROLES.index(one.role) <= ROLES.index("organizer")]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Missing("promise") from None


def _said() -> str:
    count = request.args.get("again", None, int)
    if count is None:
        return ""
    if count <= 0:
        return gettext("status.resend_nothing")
    sent = ngettext("status.resend_queued", min(count, 10**6))
    return f"{sent} {gettext(SAID)}"
