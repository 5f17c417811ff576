"""The setting of an organization's owners to count returning attendees."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links
from shared.reports import returning_attendees
from web.access import OWNER, Member
from web.organizer.routes import OrganizerRoutes, organization_of

pages = OrganizerRoutes(
    "organizer_returning_attendees", __name__, url_prefix="/organize/organizations/<int:organization_id>/returning"
)


@pages.get("", access=OWNER)
def show(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Return what is stored, for how long, and the form to delete it."""
    return render_template(
        "organizer/reports/returning_attendees.html",
        organization=organization_of(by),
        base=links.returning(organization_id),
    )


@pages.post("/forget", access=OWNER)
def forget(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Stop counting returning attendees, and delete what that needs."""
    returning_attendees.delete_all(db, organization=organization_of(by), by=by.account)
    return redirect(links.returning(organization_id), 303)


@pages.post("/recognise", access=OWNER)
def recognise(db: Session, by: Member, organization_id: int) -> ResponseReturnValue:
    """Count returning attendees from the next report on."""
    returning_attendees.enable(db, organization=organization_of(by), by=by.account)
    return redirect(links.returning(organization_id), 303)
