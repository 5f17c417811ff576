"""The page of one mailing: preview and reach before it starts, progress afterwards, and each action on it."""

from typing import Any, Literal

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from shared import clock, links
from shared.database import lock_row
from shared.errors import DomainError, Invalid, Missing
from shared.events import pictures
from shared.i18n import deferred, language
from shared.mailings import audiences, mailings
from shared.models import Event, Mailing
from web.access import ORGANIZER, Member, network
from web.forms.typed import Typed
from web.limits import Limit
from web.organizer import edit_conflicts
from web.organizer.mailings import texts as mailing_wording
from web.organizer.mailings.form import MOMENT, SENTENCES, UNKNOWN, read_moment, written
from web.organizer.routes import OrganizerRoutes, done, event_of

RESULTS = {
    "kept": deferred("mailing.draft_saved"),
    "tested": deferred("mailing.test_queued"),
    "scheduled": deferred("mailing.scheduled"),
    "unscheduled": deferred("mailing.unscheduled"),
    "stopped": deferred("mailing.stopped"),
}
pages = OrganizerRoutes(
    "organizer_mailing",
    __name__,
    url_prefix="/organize/events/<int:event_id>/mailings/<int:mailing_id>",
    results=RESULTS,
)
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
    if mailing_id is None:
        return links.organizer("mailings", event_id=event_id)
    return links.organizer("mailing", event_id=event_id, mailing_id=mailing_id)


def back(event_id: int, mailing_id: int, result: str, **query: str) -> ResponseReturnValue:
    """Redirect to the mailing, with the result in the address."""
    return done(address(event_id, mailing_id), result, **query)


def refused(db: Session, by: Member, event_id: int, mailing_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the mailing with the error at its field, or with the reason of a refusal."""
    moment = {name: request.form.get(name, "") for name in MOMENT}
    typed = Typed.of(error, moment, SENTENCES if isinstance(error, Invalid) else REFUSALS)
    return show(db, by, mailing_id, typed)


@pages.get("/", access=ORGANIZER)
def mailing(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Show preview and reach, or the progress; `?in=` chooses the language of the preview."""
    return show(db, by, mailing_id)


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
    response = Response(mailing_wording.preview_of(row, event, lang, by.account.name, photograph).page)
    response.headers["Content-Security-Policy"] = mailing_wording.POLICY
    return response


def show(db: Session, by: Member, mailing_id: int, typed: Typed | None = None) -> str:
    """Return the page; `typed` is a refused form, with its errors."""
    event = event_of(by)
    row = audiences.mailing(db, mailing_id=mailing_id, event_id=event.id)
    counts = audiences.progress(db, mailing=row)
    context = {} if row.started_at else _before_start(db, event, row, by)
    if typed:
        context["message"] = typed.refusal
    return render_template(
        "organizer/mailings/mailing.html",
        event=event,
        mailing=row,
        base=address(event.id, row.id),
        stamp=edit_conflicts.stamp(written(row, event.languages)),
        typed=typed or Typed(),
        has_started=_has_started(row),
        is_moving=row.due_at is not None and not _is_done(row, counts),
        stage=_stage(row),
        progress=counts,
        figures=_figures(event, row, counts),
        mailing_wording=mailing_wording,
        **context,
    )


def _before_start(db: Session, event: Event, mailing: Mailing, by: Member) -> dict[str, Any]:
    """Return the context of preview and sending, for a mailing that has not started."""
    code = request.args.get("in", language())
    preview_language = code if code in event.languages else event.languages[0]
    return {
        "preview_language": preview_language,
        "preview": mailing_wording.preview_of(mailing, event, preview_language, by.account.name),
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


TESTS = Limit("mailing_test", 60, 3600, network)


@pages.post("/test", access=ORGANIZER, limits=(TESTS,))
def test(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Email a test of the mailing to oneself, in one language."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    language = request.form.get("language", "")
    if language not in event_of(by).languages:
        raise Missing("language")
    mailings.test(db, mailing=mailing, by=by.account, language=language)
    return back(event_id, mailing_id, "tested", **{"in": language})


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
    return done(address(event_id), "deleted")


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
