"""The sections that are one form each, the overview with the checklist, the states of an event, and its preview."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock, links
from shared.config import LANGUAGES
from shared.errors import DomainError, Missing
from shared.events import announcements, drafts, editing, series, slugs
from shared.events.availability import availability
from shared.events.programme import KINDS
from shared.i18n import deferred, gettext, set_language
from shared.models import Event, EventState
from web.access import ORGANIZER, VIEWER, Member
from web.forms import FormError, fields
from web.organizer import edit_conflicts
from web.organizer.edit_form import Refusal, form_of
from web.organizer.events import checklist, rows
from web.organizer.events import form as forms
from web.organizer.events import series as series_form
from web.organizer.events.editor import RESULTS, back, load_event, render
from web.organizer.routes import OrganizerRoutes
from web.visitor.events import event_page

pages = OrganizerRoutes("organizer_editor", __name__, url_prefix="/organize/events/<int:event_id>", results=RESULTS)

WORDLESS = "wordless"


@pages.get("/edit/", access=ORGANIZER)
def overview(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the overview: the checklist, the state of the event, and the actions on it as a whole."""
    return show_overview(db, by)


@pages.get("/edit/<section>", access=ORGANIZER)
def section(db: Session, by: Member, event_id: int, section: str) -> ResponseReturnValue:
    """Show one section of the editor."""
    return show(db, by, section)


def refused(db: Session, by: Member, event_id: int, section: str, error: DomainError) -> ResponseReturnValue:
    """Return the section with the typed values and their errors."""
    return show(db, by, section, Refusal(section, error))


def refused_overview(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the overview with the reason of a refusal."""
    return show_overview(db, by, Refusal(str(request.endpoint).rpartition(".")[2], error))


@pages.post("/edit/<section>", access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int, section: str) -> ResponseReturnValue:
    """Save one section: all of it, or nothing where a field is wrong or another person has saved it meanwhile."""
    if section not in SAVES:
        raise Missing("part")
    event = editing.lock(db, event_id=event_id)
    setting = forms.setting(event)
    values = fields.read(forms.SECTIONS[section], request.form, setting, event)
    edit_conflicts.check(fields.show(forms.SECTIONS[section], event, setting))
    return back(event_id, section, SAVES[section](db, event, by, values))


@pages.post("/edit/languages", access=ORGANIZER, refused=refused_overview)
def languages(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Set the languages of the texts, and the first among them."""
    event = editing.lock(db, event_id=event_id)
    chosen = forms.read_languages(request.form, event)
    editing.revise(db, event=event, by=by.account, part="languages", values={"languages": chosen})
    return back(event_id, "", "saved")


@pages.post("/edit/address", access=ORGANIZER, refused=refused_overview)
def address(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Change the address of a draft, to a chosen one or to a random one without words."""
    event = editing.lock(db, event_id=event_id)
    slug = slugs.draw_wordless() if WORDLESS in request.form else forms.read_slug(request.form)
    drafts.change_slug(db, event=event, by=by.account, slug=slug)
    return back(event_id, "", "saved")


@pages.post("/edit/series", access=ORGANIZER, refused=refused_overview, endpoint="series")
def choose_series(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Set the series of the event: an existing one, a new one, or none."""
    event = editing.lock(db, event_id=event_id)
    edit_conflicts.check(series_form.values(event))
    chosen_series = series_form.read(
        db, organization_id=event.organization_id, by=by.account, language=event.languages[0]
    )
    series.choose(db, event=event, by=by.account, series=chosen_series)
    return back(event_id, "", "saved")


def show(db: Session, by: Member, section: str, refusal: Refusal | None = None) -> str:
    """Return the page of one section; a refused form with its errors."""
    if section in KINDS:
        return rows.show(db, by, section, refusal)
    if section == "cover":
        return render(db, by, "cover", here=section, refusal=refusal)
    if section not in forms.SECTIONS:
        raise Missing("part")
    event, section_fields = load_event(db, by), forms.SECTIONS[section]
    form = form_of(section, section_fields, event, fields.show(section_fields, event, forms.setting(event)), refusal)
    tell = form_of(f"{section}-tell", (), event, {"tell": request.form.get("tell", "everybody")})
    return render(
        db, by, "section", here=section, refusal=refusal, event=event, form=form, tell=tell, tell_field=forms.NOTIFY
    )


def show_overview(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    """Return the overview; a refused form with its errors."""
    event = load_event(db, by)
    address = form_of("address", (forms.SLUG,), event, {"slug": event.slug}, refusal)
    why = form_of("cancel", (forms.CANCELLATION_REASON,), event, {}, refusal)
    languages_of = {"languages": "\n".join(event.languages), "first": event.languages[0]}
    all_series = series.of_organization(db, organization_id=event.organization_id)
    return render(
        db,
        by,
        "overview",
        here="",
        refusal=refusal,
        event=event,
        availability=availability(event, clock.now()),
        items=checklist.of_event(event),
        address=address,
        has_revealing_address=checklist.has_revealing_address(event),
        why=why,
        series=form_of("series", series_form.fields_of(all_series), event, series_form.values(event), refusal),
        series_titles=series_form.titles(all_series),
        languages_form=form_of("languages", forms.LANGUAGES_OF_TEXTS, event, languages_of, refusal),
        is_ready=not drafts.missing(event),
    )


def _save_columns(section: str) -> Callable[[Session, Event, Member, Mapping[str, Any]], str]:
    def save_columns(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
        editing.revise(db, event=event, by=by.account, part=section, values=values)
        return "saved"

    return save_columns


def _save_registration(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
    slug, was_private = event.slug, event.private
    editing.set_registration(db, event=event, by=by.account, values=values)
    if event.slug != slug:
        return "wordless"
    return "telling" if checklist.has_revealing_address(event) and not was_private else "saved"


def _save_time(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
    tell = request.form.get("tell") != "nobody"
    sequence, timing = event.sequence, forms.read_timing(values)
    other_values = {name: value for name, value in values.items() if name not in {"known", "zone", *forms.WALL_FIELDS}}
    editing.set_time_and_place(db, event=event, by=by.account, timing=timing, values=other_values, tell=tell)
    return "told" if tell and event.sequence > sequence else "saved"


SAVES: Mapping[str, Callable[[Session, Event, Member, Mapping[str, Any]], str]] = {
    "texts": _save_columns("texts"),
    "time": _save_time,
    "registration": _save_registration,
    "recap": _save_columns("recap"),
}
"""The function that saves each section; it returns the result for the address."""


NOT_CONFIRMED = deferred("editor.cancel_confirm_error")


@pages.post("/edit/publish", access=ORGANIZER, refused=refused_overview)
def publish(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Publish a draft."""
    drafts.publish(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "published")


@pages.post("/edit/discard", access=ORGANIZER, refused=refused_overview)
def discard(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    drafts.discard(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return redirect(links.organizer("my_events"), 303)


@pages.post("/edit/close", access=ORGANIZER, refused=refused_overview)
def close(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Close registration."""
    editing.close_registration(db, event=editing.lock(db, event_id=event_id), by=by.account)
    return back(event_id, "", "closed")


@pages.post("/edit/open", access=ORGANIZER, refused=refused_overview)
def reopen(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Reopen registration."""
    event = editing.lock(db, event_id=event_id)
    editing.open_registration(db, event=event, by=by.account)
    # Registration may still wait for the period of a ticket type, so "opened" would be false.
    return back(event_id, "", "saved" if availability(event, clock.now()).waits_for_ticket_types else "opened")


@pages.post("/edit/cancel", access=ORGANIZER, refused=refused_overview)
def cancel(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Cancel the event with every registration, and email everyone the reason."""
    event = editing.lock(db, event_id=event_id)
    setting = forms.setting(event)
    because = fields.read((forms.CANCELLATION_REASON,), request.form, setting)["because"]
    if "sure" not in request.form:
        raise FormError(
            {"sure": gettext(NOT_CONFIRMED)}, fields.typed((forms.CANCELLATION_REASON,), request.form, setting)
        )
    announcements.cancel(db, event=event, because=because, by=by.account)
    return back(event_id, "", "cancelled")


@pages.get("/preview/<lang>", access=VIEWER)
def preview(db: Session, by: Member, event_id: int, lang: str) -> ResponseReturnValue:
    """Show the event's page in one language, as visitors see it."""
    event = load_event(db, by)
    set_language(lang)
    if event.state == EventState.DRAFT:
        # Shown as if published: expunged first, so that the state never reaches the database.
        db.expunge(event)
        event.state = EventState.PUBLISHED
    addresses = {code: links.organizer("preview", event_id=event_id, lang=code) for code in LANGUAGES}
    return event_page(event, preview=addresses)
