"""Errors of the domain. Rooms raise them; web/errors.py gives each its status, in one table.

DomainError
├── Refused            the request is understood, and the state does not allow it
│   ├── Full           no seat left, or people are waiting for one
│   ├── Crowded        too many registrations wait to be confirmed, so no more seats can be held
│   ├── NotOpen        registration has not opened yet, or is over, or the event is cancelled
│   └── Conflicting    the row changed meanwhile, or is in a state that does not allow this
├── Busy               too many such requests at once; possible again in a few seconds
├── Invalid            a value breaks a rule; names its field
│   └── Counted        an attempt that failed and counts
├── Missing            no such event, registration, ticket, report
├── NotAllowed         known, but not permitted
└── Unidentified       no one is signed in, or the token is wrong, expired or revoked

SettingsError stands alone: it prevents a start and never becomes an HTTP answer.
"""


class DomainError(Exception):
    """A rule refused an act; `reason` is a stable word for programs, for which people see a translated sentence."""

    reason = "refused"

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason or type(self).reason
        super().__init__(self.reason)


class Refused(DomainError):
    """The request is understood, and the state does not allow it."""


class Full(Refused):
    """Too few seats are left for the whole party, or others wait for one; `may_wait` offers the waiting list."""

    reason = "full"

    def __init__(self, reason: str | None = None, *, may_wait: bool = False) -> None:
        super().__init__(reason)
        self.may_wait = may_wait


class Crowded(Refused):
    """Registrations beyond a network's share hold as many seats as they may, or cannot join the waiting list."""

    reason = "crowded"


class NotOpen(Refused):
    """Registration is not open now: not yet, no longer, or never again."""

    reason = "not_open"


class Conflicting(Refused):
    """The row changed meanwhile, or its state does not allow this."""

    reason = "conflicting"


class Busy(DomainError):
    """Too many such requests run at once; it is possible again in a few seconds."""

    reason = "busy"


class Invalid(DomainError):
    """A value breaks a rule that needs the state of the database; `field` is the field to correct.

    `numbers` are values for its sentence, by name.
    """

    reason = "invalid"

    def __init__(self, field: str, reason: str | None = None, **numbers: int) -> None:
        super().__init__(reason)
        self.field = field
        self.numbers = numbers


class Counted(Invalid):
    """A failed attempt that counts: rows written before it is raised are committed all the same (web/routes.py)."""


class Missing(DomainError):
    """No such row exists, or none that this address may show."""

    reason = "missing"


class NotAllowed(DomainError):
    """The account is known, but has no permission for this."""

    reason = "not_allowed"


class Unidentified(DomainError):
    """No one is signed in, or the token is wrong, expired or revoked."""

    reason = "unidentified"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is the one line that the operator reads."""
