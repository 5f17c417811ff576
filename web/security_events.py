"""What a security review looks for first: each event logged by its name, and counted for the day.

The log line holds ids and names of limits, never an address, a name or a token. Counts live in Redis; where it is away
the log line is all there is.
"""

from enum import StrEnum

import structlog

from web.current import resources

log = structlog.get_logger()


class SecurityEvent(StrEnum):
    """What is noted; docs/security.md tells when each is, what its line holds and what to look for."""

    LIMIT_REACHED = "limit_reached"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of an event
    WRONG_CODE = "wrong_code"
    CROSS_SITE = "cross_site"
    FOREIGN_HOST = "foreign_host"
    SCAN_QUARANTINED = "scan_quarantined"
    REGISTRATION_HELD = "registration_held"


def note(event: SecurityEvent, **about: int | str) -> None:
    """Log an event and count it. `about` holds ids and fixed words only."""
    log.warning("security", security=event.value, **about)
    resources().limiter.tally(event.value)
