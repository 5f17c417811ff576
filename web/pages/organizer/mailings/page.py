"""The page of one mailing: preview and reach before it starts, progress afterwards."""

from typing import Any, Literal

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock
from shared.errors import DomainError, Invalid, Missing
from shared.events import pictures
from shared.i18n import deferred, gettext, language
from shared.mailings import audiences
from shared.models import Event, Mailing
from web.access import ORGANIZER, Member
from web.forms.mailings import MOMENT, SENTENCES, UNKNOWN, written
from web.pages import edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.mailings import preview as previews
from web.pages.organizer.mailings import wording as mailing_wording
from web.routes import Routes

pages = Routes("organizer_mailing", __name__, url_prefix="/organize/events/<int:event_id>/mailings/<int:mailing_id>")
pages.after_request(no_store)

RESULTS = {
    "kept": deferred("mailing.draft_saved"),
    "tested": deferred("mailing.test_queued"),
    "scheduled": deferred("mailing.scheduled"),
    "unscheduled": deferred("mailing.unscheduled"),
    "stopped": deferred("mailing.stopped"),
}
REFUSALS = {
    **UNKNOWN,
    "nobody": deferred("mailing.no_recipients_error"),
    "over": deferred("mailing.finished_error"),
    "stale": deferred("mailing.stale_error"),
    "conflicting": deferred("mailing.conflicting_error"),
}
"""The sentence for a refused action, by the reason of the Conflicting."""


def address(event_id: int, mailing_id: int | None = None) -> str:
    """Return the address of an event's mailings, or of one of them."""
    return f"/organize/events/{event_id}/mailings/" + (f"{mailing_id}/" if mailing_id else "")


def back(event_id: int, mailing_id: int, result: str, more: str = "") -> ResponseReturnValue:
    """Redirect to the mailing, with the result in the address."""
    return redirect(f"{address(event_id, mailing_id)}?said={result}{more}", 303)


def refused(db: Session, by: Member, event_id: int, mailing_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the mailing with the error at its field, or with the reason of a refusal."""
    moment = {name: request.form.get(name, "") for name in MOMENT}
    typed = Typed.of(error, moment, SENTENCES if isinstance(error, Invalid) else REFUSALS)
    return show(db, by, mailing_id, typed=typed, message=typed.refusal)


@pages.get("/", access=ORGANIZER)
def mailing(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Show preview and reach, or the progress; `?in=` chooses the language of the preview."""
    return show(db, by, mailing_id, message=gettext(RESULTS.get(request.args.get("said", ""), "")))


class MailingProgress(TypedDict):
    """The emails of a mailing: enqueued, sent, failed, not finished, and skipped by reason.

    Once its stage is `begun` the mailing can no longer be changed; once it is done, the figures no longer change.
    """

    promised: int
    sent: int
    failed: int
    open: int
    skipped: dict[str, int]
    stage: Literal["ahead", "begun"]
    done: bool
    html: str


@pages.get("/progress.json", access=ORGANIZER, answers={200: MailingProgress})
def progress(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Return the progress as numbers, and the section of the page that shows it."""
    row = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    counts = audiences.progress(db, mailing=row)
    answer: MailingProgress = {
        "promised": counts.enqueued,
        "sent": counts.sent,
        "failed": counts.failed,
        "open": counts.open,
        "skipped": {reason or "other": count for reason, count in counts.skipped.items()},
        "stage": _stage(row),
        "done": _is_done(row, counts),
        "html": _figures(event_of(by), row, counts),
    }
    return jsonify(answer)


@pages.get("/preview/<lang>", access=ORGANIZER)
def preview(db: Session, by: Member, event_id: int, mailing_id: int, lang: str) -> ResponseReturnValue:
    """Show the email itself in a language of the event, as an email program shows it."""
    event = event_of(by)
    if lang not in event.languages:
        raise Missing("language")
    row = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    photograph = pictures.photograph(db, event=event)
    response = Response(previews.of(row, event, lang, by.account.name, photograph).page)
    response.headers["Content-Security-Policy"] = previews.POLICY
    return response


def show(db: Session, by: Member, mailing_id: int, *, typed: Typed | None = None, message: str = "") -> str:
    """Return the page; `typed` is a refused form, with its errors."""
    event = event_of(by)
    row = audiences.mailing(db, mailing_id=mailing_id, event_id=event.id)
    counts = audiences.progress(db, mailing=row)
    context = {} if row.started_at else _before_start(db, event, row, by)
    return render_template(
        "organizer/mailings/page.html",
        by=by,
        event=event,
        mailing=row,
        base=address(event.id, row.id),
        stamp=edit_conflicts.stamp(written(row, event.languages)),
        typed=typed or Typed(),
        message=message,
        has_started=_has_started(row),
        is_moving=row.due_at is not None and not _is_done(row, counts),
        stage=_stage(row),
        progress=counts,
        figures=_figures(event, row, counts),
        wording=wording,
        mailing_wording=mailing_wording,
        open_conflicts=open_conflicts(db, by),
        **context,
    )


def _before_start(db: Session, event: Event, mailing: Mailing, by: Member) -> dict[str, Any]:
    """Return the context of preview and sending, for a mailing that has not started."""
    code = request.args.get("in", language())
    preview_language = code if code in event.languages else event.languages[0]
    return {
        "preview_language": preview_language,
        "preview": previews.of(mailing, event, preview_language, by.account.name),
        "gaps": mailing_wording.gaps(mailing, event),
        "unknown": audiences.unknown_because(db, event=event, name=mailing.audience, at=clock.now()),
        "reach": audiences.reaches(db, event=event, names=[mailing.audience])[mailing.audience],
    }


def _has_started(mailing: Mailing) -> bool:
    """Return whether it is too late to change the mailing: it has started, or will within seconds."""
    return mailing.started_at is not None or (mailing.due_at is not None and mailing.due_at <= clock.now())


def _stage(mailing: Mailing) -> Literal["ahead", "begun"]:
    """Return the stage of its page: once "begun", a page that still offers to send the mailing is out of date."""
    return "begun" if _has_started(mailing) else "ahead"


def _is_done(mailing: Mailing, counts: audiences.Progress) -> bool:
    """Return whether every email is sent, failed or skipped, so that the figures no longer change."""
    return mailing.started_at is not None and not counts.open


def _figures(event: Event, mailing: Mailing, counts: audiences.Progress) -> str:
    return render_template(
        "organizer/mailings/progress.html",
        event=event,
        mailing=mailing,
        base=address(event.id, mailing.id),
        has_started=_has_started(mailing),
        progress=counts,
        mailing_wording=mailing_wording,
    )
