"""The sections that are one form each, and the overview with the checklist."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError, Missing
from shared.events import drafts, editing, slugs
from shared.events import series as operations
from shared.events.availability import availability
from shared.events.programme import KINDS
from shared.models import Event
from web.access import ORGANIZER, Member
from web.forms import events as forms
from web.forms import fields
from web.forms import series as series_forms
from web.pages import edit_conflicts
from web.pages.organizer import no_store
from web.pages.organizer.editor import checklist, rows, series
from web.pages.organizer.editor.page import back, load_event, render
from web.pages.organizer.form import Refusal, form_of
from web.routes import Routes

pages = Routes("organizer_editor", __name__, url_prefix="/organize/events/<int:event_id>/edit")
pages.after_request(no_store)

WORDLESS = "wordless"


@pages.get("/", access=ORGANIZER)
def overview(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Show the overview: the checklist, the state of the event, and the actions on it as a whole."""
    return show_overview(db, by)


@pages.get("/<section>", access=ORGANIZER)
def section(db: Session, by: Member, event_id: int, section: str) -> ResponseReturnValue:
    """Show one section of the editor."""
    return show(db, by, section)


def refused(db: Session, by: Member, event_id: int, section: str, error: DomainError) -> ResponseReturnValue:
    """Return the section with the typed values and their errors."""
    return show(db, by, section, Refusal(section, error))


def refused_overview(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """Return the overview with the reason of a refusal."""
    return show_overview(db, by, Refusal(str(request.endpoint).rpartition(".")[2], error))


@pages.post("/<section>", access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int, section: str) -> ResponseReturnValue:
    """Save one section: all of it, or nothing where a field is wrong or another person has saved it meanwhile."""
    if section not in SAVES:
        raise Missing("part")
    event = editing.lock(db, event_id=event_id)
    setting = forms.setting(event)
    values = fields.read(forms.SECTIONS[section], request.form, setting, event)
    edit_conflicts.check(fields.show(forms.SECTIONS[section], event, setting))
    return back(event_id, section, SAVES[section](db, event, by, values))


@pages.post("/languages", access=ORGANIZER, refused=refused_overview)
def languages(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Set the languages of the texts, and the first among them."""
    event = editing.lock(db, event_id=event_id)
    chosen = forms.read_languages(request.form, event)
    editing.revise(db, event=event, by=by.account, part="languages", values={"languages": chosen})
    return back(event_id, "", "saved")


@pages.post("/address", access=ORGANIZER, refused=refused_overview)
def address(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Change the address of a draft, to a chosen one or to a random one without words."""
    event = editing.lock(db, event_id=event_id)
    slug = slugs.draw_wordless() if WORDLESS in request.form else forms.read_slug(request.form)
    drafts.change_slug(db, event=event, by=by.account, slug=slug)
    return back(event_id, "", "saved")


@pages.post("/series", access=ORGANIZER, refused=refused_overview, endpoint="series")
def choose_series(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Set the series of the event: an existing one, a new one, or none."""
    event = editing.lock(db, event_id=event_id)
    edit_conflicts.check(series.values(event))
    chosen_series = series.read(db, organization_id=event.organization_id, by=by.account, language=event.languages[0])
    operations.choose(db, event=event, by=by.account, series=chosen_series)
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
    all_series = operations.of_organization(db, organization_id=event.organization_id)
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
        series=form_of("series", series_forms.fields_of(all_series), event, series.values(event), refusal),
        series_titles=series.titles(all_series),
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
