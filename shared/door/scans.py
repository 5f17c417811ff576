"""Scans as the fold reads them."""

from typing import Any

from sqlalchemy import Row

from shared.door.fold import Fact
from shared.models import Scan

PAPER = "paper"
"""The reason of a scan entered from the paper list: the arrival is known, its time is not."""


def fact_of(scan: Scan | Row[Any]) -> Fact:
    """Return a stored scan as the fold expects it."""
    undoes = str(scan.undoes) if scan.undoes else None
    return Fact(str(scan.id), scan.person, scan.session_id, scan.kind, scan.at, scan.device_id, undoes, scan.standing)
