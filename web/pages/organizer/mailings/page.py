"""One mailing: how it will look and whom it reaches, and once it has begun, how far it is."""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError, Invalid, Missing
from shared.i18n import deferred, gettext, language
from shared.models import Event, Mailing
from shared.queries import mailings, pictures
from web.access import ORGANIZER, Member
from web.forms.mailings import MOMENT, SENTENCES, UNKNOWN, written
from web.pages import edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.mailings import preview as previews
from web.pages.organizer.mailings import wording as words
from web.routes import Routes

pages = Routes("organizer_mailing", __name__, url_prefix="/organize/events/<int:event_id>/mailings/<int:mailing_id>")
pages.after_request(no_store)

SAID = {
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
"""Why an act was refused, by the reason of the Conflicting."""


def address(event_id: int, mailing_id: int | None = None) -> str:
    """The page of an event's mailings, or of one of them."""
    return f"/organize/events/{event_id}/mailings/" + (f"{mailing_id}/" if mailing_id else "")


def back(event_id: int, mailing_id: int, word: str, more: str = "") -> ResponseReturnValue:
    """To the mailing, with what to say above it."""
    return redirect(f"{address(event_id, mailing_id)}?said={word}{more}", 303)


def refused(db: Session, by: Member, event_id: int, mailing_id: int, error: DomainError) -> ResponseReturnValue:
    """The mailing again, with the fault at its field, or with what is different by now."""
    moment = {name: request.form.get(name, "") for name in MOMENT}
    typed = Typed.of(error, moment, SENTENCES if isinstance(error, Invalid) else REFUSALS)
    return show(db, by, mailing_id, typed=typed, message=typed.refusal)


@pages.get("/", access=ORGANIZER)
def mailing(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """How it will look and whom it reaches, or how far it is; `?in=` chooses the language of the preview."""
    return show(db, by, mailing_id, message=gettext(SAID.get(request.args.get("said", ""), "")))


@pages.get("/progress.json", access=ORGANIZER)
def progress(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """How far it is, and the part of the page that shows it."""
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    now = mailings.progress(db, mailing=one)
    counts = {"promised": now.enqueued, "sent": now.sent, "failed": now.failed, "open": now.open}
    stands = {"stage": _stage(one), "done": _is_done(one, now)}
    return jsonify(**counts, skipped=now.skipped, **stands, html=_figures(event_of(by), one, now))


@pages.get("/preview/<lang>", access=ORGANIZER)
def preview(db: Session, by: Member, event_id: int, mailing_id: int, lang: str) -> ResponseReturnValue:
    """The mail itself in a language of the event, as a mail program shows it."""
    event = event_of(by)
    if lang not in event.languages:
        raise Missing("language")
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    photograph = pictures.photograph(db, event=event)
    shown = Response(previews.of(one, event, lang, by.account.name, photograph).page)
    shown.headers["Content-Security-Policy"] = previews.POLICY
    return shown


def show(db: Session, by: Member, mailing_id: int, *, typed: Typed | None = None, message: str = "") -> str:
    """The page; `typed` is a time that could not be used."""
    event = event_of(by)
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event.id)
    now = mailings.progress(db, mailing=one)
    context = {} if one.started_at else _before(db, event, one, by)
    return render_template(
        "organizer/mailings/mailing.html",
        by=by,
        event=event,
        mailing=one,
        base=address(event.id, one.id),
        stamp=edit_conflicts.stamp(written(one, event.languages)),
        typed=typed or Typed(),
        message=message,
        is_begun=_is_begun(one),
        is_moving=one.due_at is not None and not _is_done(one, now),
        stage=_stage(one),
        progress=now,
        figures=_figures(event, one, now),
        wording=wording,
        mailing_wording=words,
        open_conflicts=open_conflicts(db, by),
        **context,
    )


def _before(db: Session, event: Event, one: Mailing, by: Member) -> dict[str, Any]:
    """What is to be seen and done before it begins."""
    wanted = request.args.get("in", language())
    shown = wanted if wanted in event.languages else event.languages[0]
    return {
        "shown": shown,
        "preview": previews.of(one, event, shown, by.account.name),
        "gaps": words.gaps(one, event),
        "unknown": mailings.unknown_because(db, event=event, name=one.audience, at=clock.now()),
        "reach": mailings.reaches(db, event=event, names=[one.audience])[one.audience],
    }


def _is_begun(one: Mailing) -> bool:
    """Whether nothing can be changed any more: it has begun, or will within seconds."""
    return one.started_at is not None or (one.due_at is not None and one.due_at <= clock.now())


def _stage(one: Mailing) -> str:
    """Which page there is of it: once it has begun, the one that offers to send it is void."""
    return "begun" if _is_begun(one) else "ahead"


def _is_done(one: Mailing, now: mailings.Progress) -> bool:
    """Whether each of its mails is decided, so that its figures stay as they are."""
    return one.started_at is not None and not now.open


def _figures(event: Event, one: Mailing, now: mailings.Progress) -> str:
    return render_template(
        "organizer/mailings/progress.html",
        event=event,
        mailing=one,
        base=address(event.id, one.id),
        is_begun=_is_begun(one),
        progress=now,
        mailing_wording=words,
    )
