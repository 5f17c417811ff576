"""The report of an event: complete for its organizers, without names for a partner, and as files."""

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
from shared.events import events
from shared.i18n import deferred, gettext, language, set_language
from shared.models import Event, EventState, Report, Role
from shared.reports import due_reports, reports
from web.access import ORGANIZER, VIEWER, VISITOR, Member, Visitor
from web.current import settings
from web.forms.headcount import FIELD_NAMES, NOTE_LIMIT, read_headcount, written
from web.pages import covers, edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, figures, no_store, open_conflicts, report_files
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_reports", __name__)
pages.after_request(no_store)

PAGE = 10
"""Versions at a time, each with its changes."""
ADDRESS = "/organize/events/<int:event_id>/report"
RESULTS = {
    "saved": deferred("common.saved"),
    "revoked": deferred("report.link_revoked"),
}
FILE = f"<any({','.join(report_files.FORMATS)}):file_format>"


def refused(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the page again with each error at its field. Raises any error that concerns no field."""
    sent = {name: request.form.get(name, "") for name in FIELD_NAMES}
    return _show(db, by, Typed.of(error, sent, {edit_conflicts.Stale.reason: ""}), error)


@pages.get(ADDRESS, access=VIEWER)
def report(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Return the newest version, or the one of `?version=`, and a list of the versions with their changes; `?page=` is
    the page of that list.
    """
    return _show(db, by)


@pages.post(ADDRESS, access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Save a headcount and a note; where there is a report, they make its next version. Raises Stale where they were
    edited since the form was shown.
    """
    event, typed = lock_row(db, Event, event_id), read_headcount(request.form)
    edit_conflicts.check(written(event, reports.latest(db, event_id=event_id)))
    reports.edit(db, event=event, headcount=typed.headcount, note=typed.note, by=by.account)
    return redirect(f"{links.event_report(event_id)}?said=saved", 303)


@pages.get(f"{ADDRESS}.{FILE}", access=VIEWER)
def file(db: Session, by: Member, event_id: int, file_format: str) -> ResponseReturnValue:
    """Return the newest version, or the one of `?version=`, as a file in the language of `?language=`; where there is
    no report, a page with the headcount.
    """
    event, newest = events.get(db, event_id=event_id), reports.latest(db, event_id=event_id)
    return _file(db, event, _chosen(db, newest) if newest else None, file_format)


@pages.post(f"{ADDRESS}/link", access=ORGANIZER)
def renew_link(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Revoke the partner's link; the page then has a new one. Raises Missing where there is nothing to share."""
    reports.renew_link(db, event=event_of(by), by=by.account)
    return redirect(f"{links.event_report(event_id)}?said=revoked", 303)


@pages.get("/reports/<token>", access=VISITOR)
def shared_report(db: Session, by: Visitor, token: str) -> ResponseReturnValue:
    """Return the newest version for a partner with the link: figures without names; where there is no report, the
    headcount; where its figures are not final, a page that says so.
    """
    event, report = _shared(db, token)
    context = {
        "event": event,
        "files": f"{links.report(token)}/report",
        "cloth": covers.banner(event),
        "wording": wording,
    }
    if report is None:
        sentence = report_files.headcount_sentence()
        return render_template("organizer/shared_headcount.html", **context, headcount_sentence=sentence)
    if not reports.is_final(event, report):
        return render_template("organizer/shared_later.html", **context)
    return render_template(
        "organizer/shared_report.html",
        **context,
        sheet=figures.sheet(event, report),
        doors=figures.doors(event, report, with_names=False),
        provenance=report_files.provenance(event, report),
    )


@pages.get(f"/reports/<token>/report.{FILE}", access=VISITOR)
def shared_file(db: Session, by: Visitor, token: str, file_format: str) -> ResponseReturnValue:
    """Return the same as a file. Raises Missing where there are no figures."""
    event, report = _shared(db, token)
    if report is not None and not reports.is_final(event, report):
        raise Missing("report")
    return _file(db, event, report, file_format)


def _show(db: Session, by: Member, typed: Typed | None = None, error: DomainError | None = None) -> str:
    event = events.get(db, event_id=event_of(by).id)
    newest = reports.latest(db, event_id=event.id)
    present = written(event, newest)
    form = typed or Typed(present)
    context: dict[str, Any] = {
        "by": by,
        "event": event,
        "open_conflicts": open_conflicts(db, by),
        "wording": wording,
        "typed": replace(form, theirs=edit_conflicts.differences(present, form.values, error)),
        "stamp": edit_conflicts.stamp_again(present, error),
        "is_stale": isinstance(error, edit_conflicts.Stale),
        "message": "" if error else gettext(RESULTS.get(request.args.get("said", ""), "")),
        "note_limit": NOTE_LIMIT,
    }
    if newest is None:
        return _show_headcount(db, by, event, context)
    report, number = _chosen(db, newest), page_number()
    versions = reports.history(db, event_id=event.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/report.html",
        **context,
        report=report,
        is_final=reports.is_final(event, newest),
        sheet=figures.sheet(event, report),
        doors=figures.doors(event, report),
        silent_phones=figures.silent_phones(event, report),
        versions=versions[:PAGE] if newest.version > 1 else (),
        changes={each.version: figures.changes(event, report.figures, each.changes) for each in versions[:PAGE]},
        number=number,
        has_more=len(versions) > PAGE,
        files=f"{links.event_report(event.id)}",
        provenance=report_files.provenance(event, report),
        link=_link(reports.first(db, event_id=event.id)) if by.may(Role.ORGANIZER) else None,
    )


def _show_headcount(db: Session, by: Member, event: Event, context: Mapping[str, Any]) -> str:
    """Return the page where there is no report: whether one is still to come, and the headcount."""
    now, is_counted = clock.now(), reports.has_headcount(db, event=event)
    is_ahead = event.state != EventState.CANCELLED and event.compiles_at() is not None and not event.is_over(now)
    return render_template(
        "organizer/no_report.html",
        **context,
        is_to_come=is_ahead or due_reports.is_awaited(db, event=event, now=now),
        is_counted=is_counted,
        headcount_sentence=report_files.headcount_sentence(),
        link=_headcount_link(event) if is_counted and by.may(Role.ORGANIZER) else None,
    )


def _chosen(db: Session, newest: Report) -> Report:
    """Return the version of the address, by default the newest. Raises Missing for an unknown one."""
    number = request.args.get("version", newest.version, int)
    return newest if number == newest.version else reports.numbered(db, event_id=newest.event_id, version=number)


def _shared(db: Session, token: str) -> tuple[Event, Report | None]:
    """Return the event and the report of a link; no report where the link is to a headcount. Raises Missing for a
    forged or revoked one.
    """
    secrets, report = settings().secrets, None
    if subject := tokens.verify(secrets, "report", token):
        report = reports.find(db, id=subject.id, link_version=subject.version)
        event_id = report.event_id
    elif subject := tokens.verify(secrets, "headcount", token):
        event_id = subject.id
        report = reports.find_headcount(db, event_id=event_id, link_version=subject.version)
    else:
        raise Missing("report")
    return events.get(db, event_id=event_id), report


def _file(db: Session, event: Event, report: Report | None, file_format: str) -> Response:
    """Return a version as a file; of a headcount there is only the PDF. Raises Missing."""
    _use_language()
    if report is None:
        if file_format != "pdf" or not reports.has_headcount(db, event=event):
            raise Missing("report")
        return _attachment(report_files.headcount_pdf(db, event), f"{event.slug}-{language()}", file_format)
    _, write = report_files.FORMATS[file_format]
    return _attachment(write(db, event, report), f"{event.slug}-{report.version}-{language()}", file_format)


def _use_language() -> None:
    """Set the language that the address names."""
    wanted = request.args.get("language", "")
    set_language(wanted if wanted in LANGUAGES else language())


def _attachment(content: bytes, name: str, file_format: str) -> Response:
    response = Response(content, content_type=report_files.FORMATS[file_format][0])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    return response


def _link(first: Report) -> str:
    # Of the first version, so that one link is valid for all that follow and is revoked in one place.
    return _absolute_link("report", first.id, first.link_version)


def _headcount_link(event: Event) -> str:
    return _absolute_link("headcount", event.id, event.headcount_version)


def _absolute_link(purpose: str, subject_id: int, version: int) -> str:
    token = tokens.make(settings().secrets[0], purpose, id=subject_id, version=version)
    return links.absolute(settings().base_url, links.report(token))
