"""Compiled reports, by event and by link."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.errors import Missing
from shared.models import Report


def latest(db: Session, *, event_id: int) -> Report | None:
    """The newest version of an event's report; None where nothing was compiled."""
    return db.scalars(_of_event(event_id).limit(1)).one_or_none()


def versions(db: Session, *, event_id: int) -> Sequence[Report]:
    """Every version of an event's report, the newest first."""
    return db.scalars(_of_event(event_id)).all()


def find(db: Session, *, id: int, link_version: int) -> Report:  # noqa: A002 - the token's own word
    """The report that a link names, in the newest version of its event. Raises Missing for a revoked link."""
    linked = db.get(Report, id)
    if linked is None or linked.link_version != link_version:
        raise Missing("report")
    return latest(db, event_id=linked.event_id) or linked


def _of_event(event_id: int) -> Select[Report]:
    return select(Report).where(Report.event_id == event_id).order_by(Report.version.desc())
