"""Pictures by their hash."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.models import Event, Picture


def content(db: Session, *, sha256: str) -> bytes:
    """The bytes of a picture (WebP). Raises Missing."""
    found = contents(db, hashes=[sha256])
    if not found:
        raise Missing("picture")
    return found[sha256]


def contents(db: Session, *, hashes: Collection[str]) -> dict[str, bytes]:
    """The bytes of pictures, as far as there are any, in one statement; in none where none is asked for."""
    if not hashes:
        return {}
    found = select(Picture.sha256, Picture.content).where(Picture.sha256.in_(hashes))
    return dict(db.execute(found).all())


def photograph(db: Session, *, event: Event) -> bytes | None:
    """What hangs before an event's weave in all that leaves its pages: mails, papers, what is shared. None: nothing.

    A private event's may tell its topic to who looks over a shoulder, so it stays on the pages that say the title too.
    """
    return content(db, sha256=event.picture) if event.picture and not event.private else None
