"""Series: begun, called otherwise, and chosen for an event."""

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.database import Texts, broken_by, lock_row
from shared.errors import Invalid
from shared.models import Account, Event, Series
from shared.operations import addresses, audit, editing
from shared.queries import series as queries

SLUG_TAKEN = "uq_series_organization_id_slug"


def add(db: Session, *, organization_id: int, by: Account, title: Texts) -> Series:
    """Begin a series. Raises Invalid at `series_title` for a name that one has already, and once there are 200."""
    others = queries.of_organization(db, organization_id=organization_id)
    if len(others) >= queries.MOST:
        raise Invalid("series_title", "series_many")
    if _taken(others, title):
        raise Invalid("series_title", "series_taken")
    slug = addresses.free_slug(next(iter(title.values())), {one.slug for one in others})
    series = Series(organization_id=organization_id, slug=slug, title=title)
    try:
        with db.begin_nested():
            db.add(series)
            db.flush()
    except IntegrityError as error:
        if broken_by(error) != SLUG_TAKEN:
            raise
        # Somebody else began one of this name a moment ago.
        raise Invalid("series_title", "series_taken") from None
    audit.note(db, by=by, action="series.added", organization_id=organization_id, series=series.id)
    return series


def lock(db: Session, *, series_id: int, organization_id: int) -> Series:
    """A series of an organization as it is now; whoever else renames it waits. Raises Missing."""
    series = lock_row(db, Series, series_id)
    editing.require_own(series, organization_id)
    return series


def rename(db: Session, *, series: Series, by: Account, title: Texts) -> None:
    """Call a series otherwise; its address stays. Raises Invalid at the language of a name that another one has."""
    listed = queries.of_organization(db, organization_id=series.organization_id)
    taken = _taken((one for one in listed if one.id != series.id), title)
    if taken:
        raise Invalid(f"title.{taken}", "series_taken")
    if series.title == title:
        return
    series.title = title
    db.flush()
    audit.note(db, by=by, action="series.renamed", organization_id=series.organization_id, series=series.id)


def choose(db: Session, *, event: Event, by: Account, series: Series | None) -> None:
    """Put an event into a series of its organization, or into none. Raises Missing for another organization's."""
    editing.require_own(series, event.organization_id)
    editing.revise(db, event=event, by=by, part="series", values={"series": series})


def _taken(others: Iterable[Series], title: Texts) -> str:
    """The language of a name that another series has, in whatever language; empty where none is."""
    called = {text.casefold() for one in others for text in one.title.values()}
    return next((code for code, text in title.items() if text.casefold() in called), "")
