"""Keeping pictures: the same one once, however often it is uploaded."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import pictures
from shared.errors import Invalid
from shared.models import Picture


def keep(db: Session, *, content: bytes) -> str:
    """Keep an uploaded picture and return the SHA-256 that it is shown under. Raises Invalid at `picture`."""
    try:
        kept = pictures.reencode(content)
    except pictures.NotAPicture as error:
        raise Invalid("picture", f"picture_{error}") from None
    values = {"sha256": kept.sha256, "content": kept.content, "width": kept.width, "height": kept.height}
    db.execute(insert(Picture).values(values).on_conflict_do_nothing())
    return kept.sha256
