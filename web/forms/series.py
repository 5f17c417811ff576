"""The forms of a series: the choice of an existing one, a new one, or none; and the name of a series."""

from collections.abc import Sequence

from shared.i18n import deferred
from shared.models import Organization, Series
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
