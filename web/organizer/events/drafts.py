"""A new event: created from a few questions, or as a copy of an earlier one."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts
from shared.errors import DomainError
from shared.events import drafts, events, series, slugs
from shared.events.events import newest_language
from shared.i18n import language
from shared.models import Event, Organization, Role
from web.access import ORGANIZER, SIGNED_IN, Member
from web.current import settings
from web.forms import FormError, fields
from web.forms.fields import Setting
from web.forms.typed import Typed
from web.organizer.edit_form import Form, Refusal, errors_of, form_of
from web.organizer.events import form as forms
from web.organizer.events import series as series_form
from web.organizer.events.editor import back, load_event, render
from web.organizer.events.series import fields_of
from web.organizer.routes import OrganizerRoutes
from web.templating import LANGUAGE_NAMES

pages = OrganizerRoutes("organizer_drafts", __name__, url_prefix="/organize")

WEEK = timedelta(days=7)


def refused(db: Session, by: Member, error: DomainError) -> ResponseReturnValue:
    """Return the questions with the typed values and their errors."""
    return _ask(db, by, error)


def refused_copy(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the form of a copy with the typed values and their errors."""
    return _ask_copy(db, by, Refusal("copy", error))


@pages.get("/new", access=SIGNED_IN)
def ask(db: Session, by: Member) -> ResponseReturnValue:
    """Ask the few questions that begin a draft."""
    return _ask(db, by)


@pages.post("/new", access=SIGNED_IN, refused=refused)
def create(db: Session, by: Member) -> ResponseReturnValue:
    """Create a draft, or open the one that the same form has already created."""
    organization = _chosen(_organizations(db, by))
    sketch = forms.read_sketch(request.form, _language())
    existing = drafts.find_recent_draft(
        db, organization_id=organization.id, by=by.account, **sketch.columns(organization.zone)
    )
    if existing and series_form.is_of(existing, sketch.language):
        return back(existing.id, "", "created")
    chosen_series = series_form.read(db, organization_id=organization.id, by=by.account, language=sketch.language)
    event = drafts.create(
        db, organization=organization, by=by.account, sketch=sketch, secret=settings().secrets[0], series=chosen_series
    )
    return back(event.id, "", "created")


@pages.get("/events/<int:event_id>/edit/copy", access=ORGANIZER)
def ask_copy(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Ask for the title, start and address of a copy."""
    return _ask_copy(db, by)


@pages.post("/events/<int:event_id>/edit/copy", access=ORGANIZER, refused=refused_copy)
def copy(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Create a draft with everything of the event except its attendees, scans and reports."""
    event = load_event(db, by)
    values, slug = fields.read(forms.COPY, request.form, forms.setting(event)), forms.read_slug(request.form)
    title, starts = values["title"], values["starts_local"]
    starts_at = events.instant(starts.time, event.zone, "starts", second=starts.second)
    identity = {"title": title, "starts_at": starts_at, "slug": slug}
    recent = drafts.find_recent_draft(db, organization_id=event.organization_id, by=by.account, **identity)
    draft = recent or drafts.copy(
        db,
        event=event,
        by=by.account,
        title=title,
        starts=starts.time,
        second=starts.second,
        slug=slug,
        secret=settings().secrets[0],
    )
    return back(draft.id, "", "created")


def next_title(title: str) -> str:
    """Return the title with its last number raised by one, "iTalk 8" after "iTalk 7"; unchanged without a number."""
    return re.sub(r"(\d+)(?!.*\d)", lambda number: str(int(number[1]) + 1), title) if len(title) < 500 else title


def _ask(db: Session, by: Member, error: DomainError | None = None) -> str:
    organizations = _organizations(db, by)
    ids = [organization.id for organization in organizations]
    all_series = series.of_organizations(db, organization_ids=ids)
    questions = (*forms.NEW_EVENT, *fields_of(all_series))
    setting = Setting((), _zone(organizations))
    values = fields.typed(questions, request.form, setting) if error else {}
    form = Form("new", questions, setting, Typed(values, errors_of(error) if error else {}))
    return render_template(
        "organizer/events/new.html",
        form=form,
        organizations=organizations,
        series_titles=series_form.titles(all_series, organizations),
        chosen=request.form.get("organization", ""),
        text_language=request.form.get("language") or newest_language(db, organization_ids=ids) or language(),
    )


def _ask_copy(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    event = load_event(db, by)
    titles = {code: next_title(text) for code, text in event.title.items()}
    starts = _next_start(event)
    values = {f"title.{code}": titles.get(code, "") for code in event.languages}
    values |= {"starts_local": f"{starts:%Y-%m-%dT%H:%M}"}
    first = titles.get(event.languages[0]) or next(iter(titles.values()))
    values |= {"slug": slugs.draw_wordless() if event.private else slugs.propose_slug(db, first)}
    form = form_of("copy", (*forms.COPY, forms.SLUG), event, values, refusal)
    return render(db, by, "copy", here="copy", refusal=refusal, event=event, form=form)


def _next_start(event: Event) -> Any:
    """Return the next start on the same weekday and hour, whole weeks later and at least a week from now."""
    soon = clock.now().astimezone(ZoneInfo(event.zone)).replace(tzinfo=None) + WEEK
    start = event.starts_local or soon.replace(hour=18, minute=0)
    weeks = max(-((start - soon) // WEEK), 1) if start < soon + WEEK else 1
    return start + weeks * WEEK


def _organizations(db: Session, by: Member) -> Sequence[Organization]:
    """Return the organizations in which this account may create events."""
    memberships = accounts.memberships(db, account_id=by.account.id)
    return [row.organization for row in memberships if Member(by.account, row.role).may(Role.ORGANIZER)]


def _zone(organizations: Sequence[Organization]) -> str:
    """Return the time zone of the form's times: that of the chosen organization, or else of the first."""
    chosen_id = request.form.get("organization", "")
    zones = {str(organization.id): organization.zone for organization in organizations}
    return zones.get(chosen_id) or next(iter(zones.values()), "UTC")


def _chosen(organizations: Sequence[Organization]) -> Organization:
    chosen_id = request.form.get("organization", "")
    if len(organizations) == 1 and not chosen_id:
        return organizations[0]
    chosen = next((organization for organization in organizations if str(organization.id) == chosen_id), None)
    if chosen is None:
        raise FormError({"organization": forms.say("choice")}, {})
    return chosen


def _language() -> str:
    code = request.form.get("language", "")
    if code not in LANGUAGE_NAMES:
        raise FormError({"language": forms.say("choice")}, {})
    return code
