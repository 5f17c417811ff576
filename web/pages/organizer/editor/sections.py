"""The parts that are one form each, and the overview with what is still missing."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import DomainError, Missing
from shared.models import Event
from shared.operations import addresses, drafts, editing
from shared.operations import series as operations
from shared.operations.programme import KINDS
from shared.queries import series as queries
from shared.queries.availability import availability
from web.access import ORGANIZER, Member
from web.forms import events as forms
from web.forms import fields
from web.forms import series as series_forms
from web.pages import edit_conflicts
from web.pages.organizer import no_store
from web.pages.organizer.editor import checklist, rows, series
from web.pages.organizer.editor.page import back, render, whole
from web.pages.organizer.form import Refusal, form_of
from web.routes import Routes

pages = Routes("organizer_editor", __name__, url_prefix="/organize/events/<int:event_id>/edit")
pages.after_request(no_store)

WORDLESS = "wordless"


@pages.get("/", access=ORGANIZER)
def overview(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """What is there, what is missing, and what to do next."""
    return show_overview(db, by)


@pages.get("/<part>", access=ORGANIZER)
def part(db: Session, by: Member, event_id: int, part: str) -> ResponseReturnValue:
    """One part of the event."""
    return show(db, by, part)


def refused(db: Session, by: Member, event_id: int, part: str, error: DomainError) -> ResponseReturnValue:
    """The part again, with what was typed and what is wrong."""
    return show(db, by, part, Refusal(part, error))


def refused_overview(db: Session, by: Member, event_id: int, error: DomainError) -> ResponseReturnValue:
    """The overview again, with why not."""
    return show_overview(db, by, Refusal(str(request.endpoint).rpartition(".")[2], error))


@pages.post("/<part>", access=ORGANIZER, refused=refused)
def save(db: Session, by: Member, event_id: int, part: str) -> ResponseReturnValue:
    """Save one part: all of it, or nothing where a field is wrong or somebody else was faster."""
    if part not in SAVES:
        raise Missing("part")
    event = editing.lock(db, event_id=event_id)
    given = forms.setting(event)
    values = fields.read(forms.SECTIONS[part], request.form, given, event)
    edit_conflicts.check(fields.show(forms.SECTIONS[part], event, given))
    return back(event_id, part, SAVES[part](db, event, by, values))


@pages.post("/languages", access=ORGANIZER, refused=refused_overview)
def languages(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Choose the languages of the texts, and which is the first."""
    event = editing.lock(db, event_id=event_id)
    chosen = forms.read_languages(request.form, event)
    editing.revise(db, event=event, by=by.account, part="languages", values={"languages": chosen})
    return back(event_id, "", "saved")


@pages.post("/address", access=ORGANIZER, refused=refused_overview)
def address(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Give a draft another address: a chosen one, or one without words."""
    event = editing.lock(db, event_id=event_id)
    slug = addresses.draw_wordless() if WORDLESS in request.form else forms.read_slug(request.form)
    drafts.change_slug(db, event=event, by=by.account, slug=slug)
    return back(event_id, "", "saved")


@pages.post("/series", access=ORGANIZER, refused=refused_overview, endpoint="series")
def choose_series(db: Session, by: Member, event_id: int) -> ResponseReturnValue:
    """Choose the series of the event: one that there is, a new one, or none."""
    event = editing.lock(db, event_id=event_id)
    edit_conflicts.check(series.shown(event))
    of = event.organization_id
    chosen = series.read(db, organization_id=of, by=by.account, language=event.languages[0])
    operations.choose(db, event=event, by=by.account, series=chosen)
    return back(event_id, "", "saved")


def show(db: Session, by: Member, part: str, refusal: Refusal | None = None) -> str:
    """One part; the form that was refused with what is wrong in it."""
    if part in KINDS:
        return rows.show(db, by, part, refusal)
    if part == "cover":
        return render(db, by, "cover", here=part, refusal=refusal)
    if part not in forms.SECTIONS:
        raise Missing("part")
    event, listed = whole(db, by), forms.SECTIONS[part]
    form = form_of(part, listed, event, fields.show(listed, event, forms.setting(event)), refusal)
    tell = form_of(f"{part}-tell", (), event, {"tell": request.form.get("tell", "everybody")})
    return render(
        db, by, "part", here=part, refusal=refusal, event=event, form=form, tell=tell, tell_field=forms.NOTIFY
    )


def show_overview(db: Session, by: Member, refusal: Refusal | None = None) -> str:
    """The overview; the form that was refused with what is wrong in it."""
    event = whole(db, by)
    address = form_of("address", (forms.SLUG,), event, {"slug": event.slug}, refusal)
    why = form_of("cancel", (forms.CANCELLATION_REASON,), event, {}, refusal)
    languages_of = {"languages": "\n".join(event.languages), "first": event.languages[0]}
    listed = queries.of_organization(db, organization_id=event.organization_id)
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
        has_telling_address=checklist.has_telling_address(event),
        why=why,
        series=form_of("series", series_forms.fields_of(listed), event, series.shown(event), refusal),
        series_titles=series.titles(listed),
        languages_form=form_of("languages", forms.LANGUAGES_OF_TEXTS, event, languages_of, refusal),
        is_ready=not drafts.missing(event),
    )


def _save_columns(part: str) -> Callable[[Session, Event, Member, Mapping[str, Any]], str]:
    def save_them(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
        editing.revise(db, event=event, by=by.account, part=part, values=values)
        return "saved"

    return save_them


def _save_registration(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
    before, was_private = event.slug, event.private
    editing.set_registration(db, event=event, by=by.account, values=values)
    if event.slug != before:
        return "wordless"
    return "telling" if checklist.has_telling_address(event) and not was_private else "saved"


def _save_time(db: Session, event: Event, by: Member, values: Mapping[str, Any]) -> str:
    tell = request.form.get("tell") != "nobody"
    before, timing = event.sequence, forms.read_timing(values)
    place = {name: value for name, value in values.items() if name not in {"known", "zone", *forms.WALL_FIELDS}}
    editing.set_time_and_place(db, event=event, by=by.account, timing=timing, values=place, tell=tell)
    return "told" if tell and event.sequence > before else "saved"


SAVES: Mapping[str, Callable[[Session, Event, Member, Mapping[str, Any]], str]] = {
    "texts": _save_columns("texts"),
    "time": _save_time,
    "registration": _save_registration,
    "recap": _save_columns("recap"),
}
"""What saves a part, by its name; each gives the word that the page says then."""
