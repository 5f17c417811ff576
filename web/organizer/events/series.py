"""The series of an event in forms: an existing one of its organization, a new one, or none."""

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from shared.events import series
from shared.i18n import deferred, language, normalize, text_in
from shared.models import Account, Event, Organization, Series
from web.forms import fields
from web.forms.fields import Field, Setting

LONGEST = 200

NEW = Field(
    name="series_title",
    label=deferred("series.new_label"),
    limit=LONGEST,
    hint=deferred("series.new_hint"),
)
NAME = (Field(name="title", label=deferred("series.name_label"), kind="texts", limit=LONGEST, needed=True),)


def fields_of(existing: Sequence[Series]) -> tuple[Field, ...]:
    """Return the choice among existing series, and a new one, which takes precedence."""
    choices = {"": deferred("series.none"), **{str(series.id): "" for series in existing}}
    return (Field(name="series_id", label=deferred("series.series_label"), kind="pick", choices=choices), NEW)


def setting(series: Series, organization: Organization) -> Setting:
    """Return the setting in which a name is read: the organization's languages, first those in which it is written."""
    return Setting(sorted(organization.languages, key=lambda code: code not in series.title))


def titles(all_series: Sequence[Series], organizations: Sequence[Organization] = ()) -> dict[str, str]:
    """Return the title of each series in the choice, by its id; with its organization where there are several."""
    spoken = (language(),)
    names = (
        {organization.id: text_in(organization.name, spoken) for organization in organizations}
        if len(organizations) > 1
        else {}
    )
    labels = ((row.id, text_in(row.title, spoken), names.get(row.organization_id)) for row in all_series)
    return {str(series_id): " · ".join(str(text) for text in texts if text) for series_id, *texts in labels}


def values(event: Event) -> dict[str, str]:
    """Return the values of the form for an event."""
    return {"series_id": str(event.series_id or ""), "series_title": ""}


def is_of(event: Event, language: str) -> bool:
    """Return whether an event is in the series that the form chooses or, in this language, names."""
    title = normalize(request.form.get("series_title", "")[:LONGEST])
    if title:
        return event.series is not None and event.series.title.get(language) == title
    return str(event.series_id or "") == request.form.get("series_id", "")


def read(db: Session, *, organization_id: int, by: Account, language: str) -> Series | None:
    """Return the chosen series, or None; a new one is created with its title in this language.

    Raises FormError for a series of another organization, Invalid for an unusable title.
    """
    all_series = series.of_organization(db, organization_id=organization_id)
    form = fields.read(fields_of(all_series), request.form, Setting())
    if form["series_title"]:
        title = {language: form["series_title"]}
        return series.add(db, organization_id=organization_id, by=by, title=title)
    return next((row for row in all_series if str(row.id) == form["series_id"]), None)
