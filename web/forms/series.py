"""Which series an event is of: one that there is, a new one, or none; and what a series is called."""

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


def fields_of(listed: Sequence[Series]) -> tuple[Field, ...]:
    """The choice among these, and a new one, which takes the place of what is chosen."""
    choices = {"": deferred("series.none"), **{str(one.id): "" for one in listed}}
    return (Field(name="series_id", label=deferred("series.series_label"), kind="pick", choices=choices), NEW)


def setting(series: Series, organization: Organization) -> Setting:
    """What reading a name depends on: the organization's languages, first those that it is written in."""
    return Setting(sorted(organization.languages, key=lambda code: code not in series.title))
