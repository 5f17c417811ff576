"""Series: added, renamed, and chosen for an event."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.audit import audit
from shared.database import Texts, broken_by, lock_row
from shared.errors import Invalid, Missing
from shared.events import editing, slugs
from shared.models import Account, Event, Organization, Series

MOST = 200
"""The limit of series in an organization."""


def of_organization(db: Session, *, organization_id: int) -> Sequence[Series]:
    """Return the series of an organization in order of creation; there are at most 200."""
    return of_organizations(db, organization_ids=[organization_id])


def of_organizations(db: Session, *, organization_ids: Collection[int]) -> Sequence[Series]:
    """Return the series of some organizations, one organization after another."""
    query = select(Series).where(Series.organization_id.in_(organization_ids))
    return db.scalars(query.order_by(Series.organization_id, Series.id)).all()


def series(db: Session, *, series_id: int) -> Series:
    """Return a series. Raises Missing."""
    series_row = db.get(Series, series_id)
    if series_row is None:
        raise Missing("series")
    return series_row


def organization(db: Session, *, organization_id: int) -> Organization:
    """Return an organization. Raises Missing."""
    organization_row = db.get(Organization, organization_id)
    if organization_row is None:
        raise Missing("organization")
    return organization_row


SLUG_TAKEN = "uq_series_organization_id_slug"


def add(db: Session, *, organization_id: int, by: Account, title: Texts) -> Series:
    """Add a series. Raises Invalid at `series_title` for a name that exists, and once there are 200."""
    listed = of_organization(db, organization_id=organization_id)
    if len(listed) >= MOST:
        raise Invalid("series_title", "series_many")
    if _taken(listed, title):
        raise Invalid("series_title", "series_taken")
    slug = slugs.free_slug(next(iter(title.values())), {series.slug for series in listed})
    series = Series(organization_id=organization_id, slug=slug, title=title)
    try:
        with db.begin_nested():
            db.add(series)
            db.flush()
    except IntegrityError as error:
        if broken_by(error) != SLUG_TAKEN:
            raise
        # Another transaction added one of this name a moment ago.
        raise Invalid("series_title", "series_taken") from None
    audit.note(db, by=by, action="series.added", organization_id=organization_id, series=series.id)
    return series


def lock(db: Session, *, series_id: int, organization_id: int) -> Series:
    """Return a series of an organization as it is now; others who rename it wait. Raises Missing."""
    series = lock_row(db, Series, series_id)
    editing.require_own(series, organization_id)
    return series


def rename(db: Session, *, series: Series, by: Account, title: Texts) -> None:
    """Rename a series; its address stays. Raises Invalid at the language of a name that another series has."""
    listed = of_organization(db, organization_id=series.organization_id)
    taken = _taken((other for other in listed if other.id != series.id), title)
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
    """Return the language of a name that another series has in any language; empty when none has."""
    titles = {text.casefold() for series in others for text in series.title.values()}
    return next((code for code, text in title.items() if text.casefold() in titles), "")
