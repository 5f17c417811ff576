"""Security events: each is logged by name, and counted for the day.

The log line contains ids and names of limits, never an address, a name or a token. Counts are in Redis; while it is
away there is only the log line.
"""

from enum import StrEnum

import structlog

from web.current import resources

log = structlog.get_logger()


class SecurityEvent(StrEnum):
    """The events; docs/security.md says when each occurs, what its line contains and what to look for."""

    LIMIT_REACHED = "limit_reached"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of an event
    WRONG_CODE = "wrong_code"
    CROSS_SITE = "cross_site"
    FOREIGN_HOST = "foreign_host"
    SCAN_QUARANTINED = "scan_quarantined"
    REGISTRATION_HELD = "registration_held"


def note(event: SecurityEvent, **about: int | str) -> None:
    """Log an event and count it. `about` contains ids and fixed words only."""
    log.warning("security", security=event.value, **about)
    resources().limiter.tally(event.value)
