"""Storing pictures: the same one once, however often it is uploaded."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import pictures
from shared.errors import Invalid
from shared.models import Picture


def store(db: Session, *, content: bytes) -> str:
    """Store an uploaded picture and return the SHA-256 under which it is shown. Raises Invalid at `picture`."""
    try:
        picture = pictures.reencode(content)
    except pictures.NotAPicture as error:
        raise Invalid("picture", f"picture_{error}") from None
    values = {"sha256": picture.sha256, "content": picture.content, "width": picture.width, "height": picture.height}
    db.execute(insert(Picture).values(values).on_conflict_do_nothing())
    return picture.sha256
