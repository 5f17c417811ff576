"""The report of an event: for its organizers with everything, for a partner without a single name; and as files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links, tokens
from shared.config import LANGUAGES
from shared.database import lock_row
from shared.errors import DomainError, Missing
from shared.i18n import deferred, gettext, language, set_language
from shared.models import Event, Report
from shared.operations import reports as operations
from shared.queries import attendance, events, reports
from web.access import ORGANIZER, VIEWER, VISITOR, Member, Visitor
from web.current import settings
from web.forms.headcount import NOTE_LIMIT, WRITTEN, read_headcount, written
from web.pages import covers, edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, figures, no_store, open_conflicts, report_files
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_reports", __name__)
pages.after_request(no_store)

PAGE = 10
"""Versions at a time, each with what changed."""
ADDRESS = "/organize/events/<int:event_id>/report"
SAID = {
    "saved": deferred("common.saved"),
    "revoked": deferred("report.link_revoked"),
}
FILE = f"<any({','.join(report_files.FORMS)}):form>"


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The page again with the fault at its field. Raises whatever is not about a field."""
    sent = {name: request.form.get(name, "") for name in WRITTEN}
    return _show(db, by, Typed.of(error, sent, {edit_conflicts.Stale.reason: ""}), error)


@pages.get(ADDRESS, access=VIEWER)
def report(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """The newest version, or the one that `?version=` names, with what changed from version to version; `?page=` turns
    their list.
    """
    return _show(db, by)


@pages.post(ADDRESS, access=ORGANIZER, refused=refused)
def write_down(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Write down a count by hand and a note, unless somebody else did meanwhile; where there is a report they make its
    next version.
    """
    event, given = lock_row(db, Event, event_id), read_headcount(request.form)
    edit_conflicts.check(written(event, reports.latest(db, event_id=event_id)))
    operations.write_down(db, event=event, headcount=given.headcount, note=given.note, by=by.account)
    return redirect(f"{links.event_report(event_id)}?said=saved", 303)


@pages.get(f"{ADDRESS}.{FILE}", access=VIEWER)
def file(db: Session, by: Member, event_id: int, form: str) -> ResponseReturnValue:
    """The newest version, or that of `?version=`, as a file in the language of `?language=`; where there is none, the
    headcount on a page.
    """
    event, newest = events.get(db, event_id=event_id), reports.latest(db, event_id=event_id)
    return _file(db, event, _chosen(db, newest) if newest else None, form)


@pages.post(f"{ADDRESS}/link", access=ORGANIZER)
def renew_link(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Revoke the partner's link; the page then shows a new one. Raises Missing where there is nothing to share."""
    operations.renew_link(db, event=event_of(by), by=by.account)
    return redirect(f"{links.event_report(event_id)}?said=revoked", 303)


@pages.get("/reports/<token>", access=VISITOR)
def shared_report(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """The newest version for whoever was given the link: figures, no names; where there is none, the headcount; where
    it does not say how it was, that.
    """
    event, shown = _shared(db, token)
    context = {
        "event": event,
        "files": f"{links.report(token)}/report",
        "cloth": covers.banner(event),
        "wording": wording,
    }
    if shown is None:
        return render_template("organizer/shared_headcount.html", **context, by_hand=report_files.by_hand())
    if not reports.is_final(event, shown):
        return render_template("organizer/shared_later.html", **context)
    return render_template(
        "organizer/shared_report.html",
        **context,
        sheet=figures.sheet(event, shown),
        doors=figures.doors(event, shown, with_names=False),
        provenance=report_files.provenance(event, shown),
    )


@pages.get(f"/reports/<token>/report.{FILE}", access=VISITOR)
def shared_file(db: Session, by: Visitor, token: str, form: str) -> ResponseReturnValue:
    """The same as a file. Raises Missing where there are no figures."""
    event, shown = _shared(db, token)
    if shown is not None and not reports.is_final(event, shown):
        raise Missing("report")
    return _file(db, event, shown, form)


def _show(db: Session, by: Member, typed: Typed | None = None, error: DomainError | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    newest = reports.latest(db, event_id=event.id)
    kept = written(event, newest)
    shown_in = typed or Typed(kept)
    context: dict[str, Any] = {
        "by": by,
        "event": event,
        "open_conflicts": open_conflicts(db, by),
        "wording": wording,
        "typed": replace(shown_in, theirs=edit_conflicts.differences(kept, shown_in.values, error)),
        "stamp": edit_conflicts.stamp_again(kept, error),
        "is_stale": isinstance(error, edit_conflicts.Stale),
        "message": "" if error else gettext(SAID.get(request.args.get("said", ""), "")),
        "note_limit": NOTE_LIMIT,
    }
    if newest is None:
        return _show_count(db, by, event, context)
    shown, number = _chosen(db, newest), page_number()
    versions = reports.history(db, event_id=event.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/report.html",
        **context,
        report=shown,
        stands=reports.is_final(event, newest),
        sheet=figures.sheet(event, shown),
        doors=figures.doors(event, shown),
        silent=figures.silent_phones(event, shown),
        versions=versions[:PAGE] if newest.version > 1 else (),
        changes={one.version: figures.changes(event, shown.figures, one.changes) for one in versions[:PAGE]},
        number=number,
        has_more=len(versions) > PAGE,
        files=f"{links.event_report(event.id)}",
        provenance=report_files.provenance(event, shown),
        link=_link(reports.first(db, event_id=event.id)) if by.may("organizer") else None,
    )


def _show_count(db: Session, by: Member, event: Event, context: Mapping[str, Any]) -> str:
    """The page where there is no report: whether one comes, and the count by hand."""
    now, is_counted = clock.now(), reports.has_headcount(db, event=event)
    is_ahead = event.state != "cancelled" and event.compiles_at() is not None and not event.is_over(now)
    return render_template(
        "organizer/no_report.html",
        **context,
        is_to_come=is_ahead or attendance.is_awaited(db, event=event, now=now),
        is_counted=is_counted,
        by_hand=report_files.by_hand(),
        link=_headcount_link(event) if is_counted and by.may("organizer") else None,
    )


def _chosen(db: Session, newest: Report) -> Report:
    """The version that the address names, else the newest. Raises Missing."""
    number = request.args.get("version", newest.version, int)
    return newest if number == newest.version else reports.numbered(db, event_id=newest.event_id, version=number)


def _shared(db: Session, token: str) -> tuple[Event, Report | None]:
    """What a link shows. Raises Missing for a forged or revoked one."""
    secrets, shown = settings().secrets, None
    if subject := tokens.verify(secrets, "report", token):
        shown = reports.find(db, id=subject.id, link_version=subject.version)
        event_id = shown.event_id
    elif subject := tokens.verify(secrets, "headcount", token):
        event_id = subject.id
        shown = reports.find_headcount(db, event_id=event_id, link_version=subject.version)
    else:
        raise Missing("report")
    return events.get(db, event_id=event_id), shown


def _file(db: Session, event: Event, shown: Report | None, form: str) -> Response:
    """A version as a file; of a count by hand there is only the page. Raises Missing."""
    _speak()
    if shown is None:
        if form != "pdf" or not reports.has_headcount(db, event=event):
            raise Missing("report")
        return _attached(report_files.headcount_pdf(db, event), f"{event.slug}-{language()}", form)
    _, write = report_files.FORMS[form]
    return _attached(write(db, event, shown), f"{event.slug}-{shown.version}-{language()}", form)


def _speak() -> None:
    """From here on in the language that the address asks for."""
    wanted = request.args.get("language", "")
    set_language(wanted if wanted in LANGUAGES else language())


def _attached(content: bytes, name: str, form: str) -> Response:
    answer = Response(content, content_type=report_files.FORMS[form][0])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _link(first: Report) -> str:
    # Of the first version, so that one link stays good for all that follow and is revoked in one place.
    return _whole("report", first.id, first.link_version)


def _headcount_link(event: Event) -> str:
    return _whole("headcount", event.id, event.headcount_version)


def _whole(purpose: str, subject_id: int, version: int) -> str:
    token = tokens.make(settings().secrets[0], purpose, id=subject_id, version=version)
    return links.absolute(settings().base_url, links.report(token))
