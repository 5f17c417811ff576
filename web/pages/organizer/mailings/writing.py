"""The mailings of an event, and writing one: whom to, and what, in the languages of the event."""

from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.database import lock_row
from shared.errors import Conflicting, DomainError
from shared.i18n import gettext, use_language
from shared.models import Event, Mailing
from shared.models.mailing import AUDIENCES
from shared.operations import mailings as operations
from shared.papers import letter
from shared.queries import call_list, mailings
from web.access import ORGANIZER, Member
from web.forms.mailings import BODY_LIMIT, SENTENCES, SUBJECT_LIMIT, body_field, read_mailing, typed, whole, written
from web.pages import edit_conflicts, wording
from web.pages.form import Typed
from web.pages.organizer import event_of, no_store, open_conflicts
from web.pages.organizer.mailings import wording as words
from web.pages.organizer.mailings.page import address, back
from web.pages.paging import page_number
from web.routes import Routes

pages = Routes("organizer_mailings", __name__, url_prefix="/organize/events/<int:event_id>/mailings")
pages.after_request(no_store)

PAGE = 20


def refused(
    db: Session, by: Member, event_id: int, error: DomainError, mailing_id: int | None = None
) -> ResponseReturnValue:
    """The form again with each fault at its field. Raises whatever is not about a field."""
    kept = whole(request.form, event_of(by).languages)
    return _form(db, by, Typed.of(error, kept, {**SENTENCES, edit_conflicts.Stale.reason: ""}), mailing_id, error)


@pages.get("/", access=ORGANIZER)
def listed(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What was written so far; `?page=` turns the list."""
    number = page_number()
    found = mailings.of_event(db, event_id=event_id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "organizer/mailings/list.html",
        by=by,
        event=event_of(by),
        mailings=found[:PAGE],
        number=number,
        has_more=len(found) > PAGE,
        unreached=call_list.count(db, event=event_of(by)),
        deleted=request.args.get("said") == "deleted",
        wording=wording,
        mailing_wording=words,
        open_conflicts=open_conflicts(db, by),
    )


@pages.get("/new", access=ORGANIZER)
def new(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """An empty form, with a greeting that can be taken out; `?to=` names the audience."""
    event, wanted = event_of(by), request.args.get("to", "")
    body = {code: _greeting(code) for code in event.languages[:1]}
    return _form(db, by, Typed(typed(wanted if wanted in AUDIENCES else "", {}, body)))


@pages.post("/", access=ORGANIZER, refused=refused)
def write(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Keep it as a draft, and show how it will look."""
    event = event_of(by)
    form = read_mailing(request.form, event.languages)
    kept = operations.write(
        db, event=event, by=by.account, audience=form.audience, subject=form.subject, body=form.body
    )
    return back(event_id, kept.id, "kept")


@pages.get("/<int:mailing_id>/edit", access=ORGANIZER)
def edit(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """The form with what is written; what has begun is not changed any more."""
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    if one.started_at:
        return redirect(address(event_id, mailing_id), 303)
    return _form(db, by, Typed(written(one, event_of(by).languages)), mailing_id)


@pages.post("/<int:mailing_id>/edit", access=ORGANIZER, refused=refused)
def rewrite(db: Session, by: Member, event_id: int, mailing_id: int) -> ResponseReturnValue:
    """Keep what is written now, unless somebody else changed it meanwhile."""
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event_id)
    lock_row(db, Mailing, one.id)
    if one.started_at:
        raise Conflicting
    form = read_mailing(request.form, event_of(by).languages)
    edit_conflicts.check(written(one, event_of(by).languages))
    operations.rewrite(db, mailing=one, by=by.account, audience=form.audience, subject=form.subject, body=form.body)
    return back(event_id, mailing_id, "kept")


def _form(
    db: Session, by: Member, shown: Typed, mailing_id: int | None = None, error: DomainError | None = None
) -> str:
    event = event_of(by)
    one = mailings.mailing(db, mailing_id=mailing_id, event_id=event.id) if mailing_id else None
    kept = written(one, event.languages) if one else {}
    shown = replace(shown, theirs=edit_conflicts.differences(kept, shown.values, error))
    return render_template(
        "organizer/mailings/form.html",
        by=by,
        event=event,
        mailing_id=mailing_id,
        action=f"{address(event.id, mailing_id)}edit" if mailing_id else address(event.id),
        typed=shown,
        stamp=edit_conflicts.stamp_again(kept, error),
        is_stale=isinstance(error, edit_conflicts.Stale),
        reaches=mailings.reaches(db, event=event),
        audiences=AUDIENCES,
        unknown={
            name: mailings.unknown_because(db, event=event, name=name, at=clock.now())
            for name in mailings.BY_ATTENDANCE
        },
        filled=_filled(shown, event),
        names=letter.NAME_IN,
        limits={"subject": SUBJECT_LIMIT, "body": BODY_LIMIT},
        wording=wording,
        mailing_wording=words,
        open_conflicts=open_conflicts(db, by),
    )


def _filled(shown: Typed, event: Event) -> set[str]:
    """The languages whose part of the form is open: the first one, and those that something is written in."""
    filled = {code for code in event.languages if shown.values.get(body_field(code))}
    wrong = {name.partition(".")[2] for name in shown.errors}
    theirs = {name.partition(".")[2] for name, text in shown.theirs.items() if text}
    return {event.languages[0]} | filled | wrong | theirs


def _greeting(code: str) -> str:
    with use_language(code):
        return gettext("email.hello_name", name=letter.NAME_IN[code]) + "\n\n"
