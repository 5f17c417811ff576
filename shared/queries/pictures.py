"""Pictures by their hash."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.models import Picture


def content(db: Session, *, sha256: str) -> bytes:
    """The bytes of a picture (WebP). Raises Missing."""
    found = db.scalar(select(Picture.content).where(Picture.sha256 == sha256))
    if found is None:
        raise Missing("picture")
    return found
