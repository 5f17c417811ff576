"""Slugs: the piece of an address that names an event or a series, made of its title or of no word at all."""

import re
import secrets
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.i18n import latin
from shared.models import Event

SLUG_LIMIT = 60
TRIED = 1000
SIGNS = "23456789bcdfghjkmnpqrstvwxz"
"""Without vowels no word arises by chance; without 0, 1 and l nothing is misread."""

_WORDLESS = re.compile(f"[{SIGNS}]{{5}}-[{SIGNS}]{{5}}")


def propose_slug(db: Session, title: str) -> str:
    """Return a slug for an event of this title that no event has: Latin letters, digits and hyphens."""
    used = select(Event.slug).where(Event.slug.startswith(slug_of(title), autoescape=True))
    return free_slug(title, set(db.scalars(used)))


def free_slug(title: str, used: Collection[str]) -> str:
    """Return the slug of a title, with a number when it is used already."""
    stem = slug_of(title)
    numbered = (f"{stem}-{number}" for number in range(2, TRIED + len(used)))
    return next(slug for slug in (stem, *numbered) if slug not in used)


def slug_of(title: str) -> str:
    """Return the slug of a title."""
    plain = re.sub(r"[^a-z0-9]+", "-", latin(title)).strip("-")
    return plain[: SLUG_LIMIT - 10].rstrip("-") or "event"


def draw_wordless() -> str:
    """Draw a slug that reveals nothing in an email, a calendar or a browser's history: for a private event."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(5)) for _ in range(2))


def is_wordless(slug: str) -> bool:
    """Return whether a slug was drawn, so that no topic can be read from it."""
    return bool(_WORDLESS.fullmatch(slug))
