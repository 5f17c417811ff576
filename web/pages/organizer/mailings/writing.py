"""The list of an event's mailings, and the form of one: its audience, and its text in the languages of the event."""

from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.database import lock_row
from shared.errors import Conflicting, DomainError
from shared.i18n import gettext, use_language
from shared.mailings import audiences, call_list, mailings
from shared.models import Audience, Event, Mailing
from shared.papers import letter
from web.access import ORGANIZER, Member
from web.forms.mailings import BODY_LIMIT, SENTENCES, SUBJECT_LIMIT, body_field, read_mailing, typed, whole, written
from web.pages import edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.mailings import wording as mailing_wording
from web.pages.organizer.mailings.page import address, back
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_mailings", __name__, url_prefix="/organize/events/<int:event_id>/mailings")
pages.after_request(no_store)

PAGE = 20


def refused(
    db: Session, by: Member, event_id: int, error: DomainError, mailing_id: int | None = None
) -> ResponseReturnValue:
    """Return the form with each error at its field. Raises an error that is not about a field."""
    values = whole(request.form, event_of(by).languages)
    return _form(db, by, Typed.of(error, values, {**SENTENCES, edit_conflicts.Stale.reason: ""}), mailing_id, error)


@pages.get("/", access=ORGANIZER)
def listed(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """List the mailings of the event, `?page=` turns the list."""
    number = page_number()
    rows = audiences.of_event(db, event_id=event_id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/list.html",
        by=by,
        event=event_of(by),
        mailings=rows[:PAGE],
        number=number,
        has_more=len(rows) > PAGE,
        unreached=call_list.count(db, event=event_of(by)),
        deleted=request.args.get("said") == "deleted",
        wording=wording,
        mailing_wording=mailing_wording,
        open_conflicts=open_conflicts(db, by),
    )


@pages.get("/new", access=ORGANIZER)
def new(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show an empty form that begins with a greeting; `?to=` names the audience."""
    event, audience = event_of(by), request.args.get("to", "")
    body = {code: _greeting(code) for code in event.languages[:1]}
    return _form(db, by, Typed(typed(audience if audience in list(Audience) else "", {}, body)))


@pages.post("/", access=ORGANIZER, refused=refused)
def write(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Save a new mailing as a draft and show its preview."""
    event = event_of(by)
    form = read_mailing(request.form, event.languages)
    mailing = mailings.write(
        db, event=event, by=by.account, audience=form.audience, subject=form.subject, body=form.body
    )
    return back(event_id, mailing.id, "kept")


@pages.get("/<int:mailing_id>/edit", access=ORGANIZER)
def edit(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Show the form with the mailing's text, or its page where it has started and can no longer change."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    if mailing.started_at:
        return redirect(address(event_id, mailing_id), 303)
    return _form(db, by, Typed(written(mailing, event_of(by).languages)), mailing_id)


@pages.post("/<int:mailing_id>/edit", access=ORGANIZER, refused=refused)
def rewrite(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Save the mailing, unless another person has changed it meanwhile."""
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event_id)
    lock_row(db, Mailing, mailing.id)
    if mailing.started_at:
        raise Conflicting
    form = read_mailing(request.form, event_of(by).languages)
    edit_conflicts.check(written(mailing, event_of(by).languages))
    mailings.rewrite(db, mailing=mailing, by=by.account, audience=form.audience, subject=form.subject, body=form.body)
    return back(event_id, mailing_id, "kept")


def _form(
    db: Session, by: Member, typed: Typed, mailing_id: int | None = None, error: DomainError | None = None
) -> str:
    event = event_of(by)
    mailing = audiences.mailing(db, mailing_id=mailing_id, event_id=event.id) if mailing_id else None
    saved = written(mailing, event.languages) if mailing else {}
    typed = replace(typed, theirs=edit_conflicts.differences(saved, typed.values, error))
    return render_template(
        "organizer/mailings/form.html",
        by=by,
        event=event,
        mailing_id=mailing_id,
        action=f"{address(event.id, mailing_id)}edit" if mailing_id else address(event.id),
        typed=typed,
        stamp=edit_conflicts.stamp_again(saved, error),
        is_stale=isinstance(error, edit_conflicts.Stale),
        reaches=audiences.reaches(db, event=event),
        audiences=tuple(Audience),
        unknown={
            name: audiences.unknown_because(db, event=event, name=name, at=clock.now())
            for name in audiences.BY_ATTENDANCE
        },
        open_languages=_open_languages(typed, event),
        names=letter.NAME_IN,
        limits={"subject": SUBJECT_LIMIT, "body": BODY_LIMIT},
        wording=wording,
        mailing_wording=mailing_wording,
        open_conflicts=open_conflicts(db, by),
    )


def _open_languages(typed: Typed, event: Event) -> set[str]:
    """Return the languages whose fields are unfolded: the first, and each with a text, an error or another's change."""
    filled = {code for code in event.languages if typed.values.get(body_field(code))}
    wrong = {name.partition(".")[2] for name in typed.errors}
    theirs = {name.partition(".")[2] for name, text in typed.theirs.items() if text}
    return {event.languages[0]} | filled | wrong | theirs


def _greeting(code: str) -> str:
    with use_language(code):
        return gettext("email.hello_name", name=letter.NAME_IN[code]) + "\n\n"
