"""Pictures, stored once each and found by their hash."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import pictures
from shared.errors import Invalid, Missing
from shared.models import Event, Picture


def content(db: Session, *, sha256: str) -> bytes:
    """Return the bytes of a picture (WebP). Raises Missing."""
    of_hashes = contents(db, hashes=[sha256])
    if not of_hashes:
        raise Missing("picture")
    return of_hashes[sha256]


def contents(db: Session, *, hashes: Collection[str]) -> dict[str, bytes]:
    """Return the bytes of the pictures that exist, by hash, in one statement; in none for an empty list."""
    if not hashes:
        return {}
    query = select(Picture.sha256, Picture.content).where(Picture.sha256.in_(hashes))
    return dict(db.execute(query).all())


def photograph(db: Session, *, event: Event) -> bytes | None:
    """Return the photograph of an event for use outside its pages: in emails, on papers, in the share kit. None if
    there is none.

    A private event's photograph may reveal its topic to bystanders, so it is limited to the pages that show the title
    too.
    """
    return content(db, sha256=event.picture) if event.picture and not event.private else None


def store(db: Session, *, content: bytes) -> str:
    """Store an uploaded picture and return the SHA-256 under which it is shown. Raises Invalid at `picture`."""
    try:
        picture = pictures.reencode(content)
    except pictures.NotAPicture as error:
        raise Invalid("picture", f"picture_{error}") from None
    values = {"sha256": picture.sha256, "content": picture.content, "width": picture.width, "height": picture.height}
    db.execute(insert(Picture).values(values).on_conflict_do_nothing())
    return picture.sha256
