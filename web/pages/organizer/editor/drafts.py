"""A new event: from a few questions, or as a copy of an earlier one."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError
from shared.i18n import language
from shared.models import Event, Organization
from shared.operations import addresses, drafts, events
from shared.queries import accounts
from shared.queries import series as queries
from shared.queries.events import newest_language
from web.access import ORGANIZER, SIGNED_IN, Member
from web.current import settings
from web.forms import FormError, fields
from web.forms import events as forms
from web.forms.fields import Setting
from web.forms.series import fields_of
from web.pages.form import Typed
from web.pages.organizer import no_store
from web.pages.organizer.editor import series
from web.pages.organizer.editor.page import back, render, whole
from web.pages.organizer.form import Form, Refusal, errors_of, form_of
from web.routes import Routes
from web.templating import LANGUAGE_NAMES

pages = Routes("organizer_drafts", __name__, url_prefix="/organize")
pages.after_request(no_store)

IN_A_WEEK = timedelta(days=7)


def refused(db: Session, by: Member, error: DomainError) -> ResponseReturnValue:
    """The questions again, with what was typed and what is wrong."""
    return _ask(db, by, error)


def refused_copy(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The same for a copy."""
    return _ask_copy(db, by, Refusal("copy", error))


@pages.get("/new", access=SIGNED_IN)
def ask(db: Session, by: Member) -> ResponseReturnValue:
    """A few questions."""
    return _ask(db, by)


@pages.post("/new", access=SIGNED_IN, refused=refused)
def create(db: Session, by: Member) -> ResponseReturnValue:
    """Make a draft."""
    organization = _chosen(_organizations(db, by))
    sketch = forms.read_sketch(request.form, _language())
    first = drafts.find_recent_draft(
        db, organization_id=organization.id, by=by.account, **sketch.columns(organization.zone)
    )
    if first and series.is_of(first, sketch.language):
        return back(first.id, "", "created")
    chosen = series.read(db, organization_id=organization.id, by=by.account, language=sketch.language)
    event = drafts.create(
        db, organization=organization, by=by.account, sketch=sketch, secret=settings().secrets[0], series=chosen
    )
    return back(event.id, "", "created")


@pages.get("/events/<int:event_id>/edit/copy", access=ORGANIZER)
def ask_copy(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What is new in a copy: its title, its start, its address."""
    return _ask_copy(db, by)


@pages.post("/events/<int:event_id>/edit/copy", access=ORGANIZER, refused=refused_copy)
def copy(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Make a draft with everything of the event but its people, scans and reports."""
    event = whole(db, by)
    values, slug = fields.read(forms.COPY, request.form, forms.setting(event)), forms.read_slug(request.form)
    title, starts = values["title"], values["starts_local"]
    starts_at = events.instant(starts.time, event.zone, "starts", second=starts.second)
    same = {"title": title, "starts_at": starts_at, "slug": slug}
    twin = drafts.find_recent_draft(db, organization_id=event.organization_id, by=by.account, **same) or drafts.copy(
        db,
        event=event,
        by=by.account,
        title=title,
        starts=starts.time,
        second=starts.second,
        slug=slug,
        secret=settings().secrets[0],
    )
    return back(twin.id, "", "created")


def next_title(title: str) -> str:
    """ "iTalk 8" after "iTalk 7": the last number one further; without a number the same."""
    return re.sub(r"(\d+)(?!.*\d)", lambda found: str(int(found[1]) + 1), title) if len(title) < 500 else title


def _ask(db: Session, by: Member, error: DomainError | None = None) -> str:
    organizations = _organizations(db, by)
    ids = [one.id for one in organizations]
    listed = queries.of_organizations(db, organization_ids=ids)
    asked = (*forms.NEW_EVENT, *fields_of(listed))
    setting = Setting((), _zone(organizations))
    values = fields.typed(asked, request.form, setting) if error else {}
    form = Form("new", asked, setting, Typed(values, errors_of(error) if error else {}))
    return render_template(
        "organizer/editor/new.html",
        by=by,
        form=form,
        organizations=organizations,
        series_titles=series.titles(listed, organizations),
        chosen=request.form.get("organization", ""),
        written_in=request.form.get("language") or newest_language(db, organization_ids=ids) or language(),
    )


def _ask_copy(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    event = whole(db, by)
    titles = {code: next_title(text) for code, text in event.title.items()}
    starts = _next_start(event)
    shown = {f"title.{code}": titles.get(code, "") for code in event.languages}
    shown |= {"starts_local": f"{starts:%Y-%m-%dT%H:%M}"}
    first = titles.get(event.languages[0]) or next(iter(titles.values()))
    shown |= {"slug": addresses.draw_wordless() if event.private else addresses.propose_slug(db, first)}
    form = form_of("copy", (*forms.COPY, forms.SLUG), event, shown, refusal)
    return render(db, by, "copy", here="copy", refusal=refusal, event=event, form=form)


def _next_start(event: Event) -> Any:
    """The same weekday and hour, in whole weeks, at least a week from now."""
    soon = clock.now().astimezone(ZoneInfo(event.zone)).replace(tzinfo=None) + IN_A_WEEK
    start = event.starts_local or soon.replace(hour=18, minute=0)
    weeks = max(-((start - soon) // IN_A_WEEK), 1) if start < soon + IN_A_WEEK else 1
    return start + weeks * IN_A_WEEK


def _organizations(db: Session, by: Member) -> Sequence[Organization]:
    """Where this account may make events."""
    found = accounts.memberships(db, account_id=by.account.id)
    return [one.organization for one in found if Member(by.account, one.role).may("organizer")]


def _zone(organizations: Sequence[Organization]) -> str:
    """By whose clock the times in the form are: the chosen organization's."""
    wanted = request.form.get("organization", "")
    zones = [one.zone for one in organizations if str(one.id) == wanted] or [one.zone for one in organizations]
    return next(iter(zones), "UTC")


def _chosen(organizations: Sequence[Organization]) -> Organization:
    wanted = request.form.get("organization", "")
    if len(organizations) == 1 and not wanted:
        return organizations[0]
    chosen = next((one for one in organizations if str(one.id) == wanted), None)
    if chosen is None:
        raise FormError({"organization": forms.say("choice")}, {})
    return chosen


def _language() -> str:
    wanted = request.form.get("language", "")
    if wanted not in LANGUAGE_NAMES:
        raise FormError({"language": forms.say("choice")}, {})
    return wanted
