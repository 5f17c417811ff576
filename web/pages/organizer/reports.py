"""The report of an event: for its organizers with everything, for a partner without a single name."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import links, tokens
from shared.errors import Missing
from shared.models import Event, Report
from shared.operations import reports as operations
from shared.queries import events, reports
from web.access import ORGANIZER, VIEWER, VISITOR, Member, Visitor
from web.current import settings
from web.pages import wording
from web.pages.organizer import figures, kept_by_nobody, open_conflicts
from web.routes import Routes

pages = Routes("organizer_reports", __name__)
pages.after_request(kept_by_nobody)


@pages.get("/organize/events/<int:event_id>/report", access=VIEWER)
def report(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The newest version, or the one that `?version=` names, with what changed from version to version."""
    event = events.get(db, event_id=event_id)
    versions = reports.versions(db, event_id=event_id)
    open_now = open_conflicts(db, by)
    if not versions:
        return render_template("organizer/no_report.html", by=by, event=event, open_conflicts=open_now, wording=wording)
    number = request.args.get("version", versions[0].version, int)
    shown = next((one for one in versions if one.version == number), None)
    if shown is None:
        raise Missing("report")
    return render_template(
        "organizer/report.html",
        by=by,
        event=event,
        report=shown,
        sheet=figures.sheet(event, shown),
        doors=figures.doors(event, shown),
        versions=versions,
        changes={one.version: figures.changes(one) for one in versions},
        open_conflicts=open_now,
        link=_link(versions[-1]) if by.may("organizer") else None,
        wording=wording,
    )


@pages.post("/organize/events/<int:event_id>/report/link", access=ORGANIZER)
def renew_link(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Revoke the partner's link; the page then shows a new one. Raises Missing where there is no report."""
    versions = reports.versions(db, event_id=event_id)
    if not versions:
        raise Missing("report")
    operations.renew_link(db, report=versions[-1])
    return redirect(f"{links.event_report(event_id)}#share", 303)


@pages.get("/reports/<token>", access=VISITOR)
def shared_report(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """The newest version for whoever was given the link: figures, no names."""
    subject = tokens.verify(settings().secrets, "report", token)
    if subject is None:
        raise Missing("report")
    shown = reports.find(db, id=subject.id, link_version=subject.version)
    event: Event = events.get(db, event_id=shown.event_id)
    return render_template(
        "organizer/shared_report.html",
        event=event,
        report=shown,
        sheet=figures.sheet(event, shown),
        doors=figures.doors(event, shown, with_names=False),
        wording=wording,
    )


def _link(first: Report) -> str:
    # Of the first version, so that one link stays good for all that follow and is revoked in one place.
    token = tokens.make(settings().secrets[0], "report", id=first.id, version=first.link_version)
    return links.absolute(settings().base_url, links.report(token))
