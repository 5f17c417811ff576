"""What a rule may refuse. Operations and queries raise these; web/errors.py gives each its status, in one table.

DomainError
├── Refused            the request is understood and the state says no
│   ├── Full           no seat left, or people are waiting for one
│   ├── Crowded        too many registrations wait to be confirmed, so that no more can be held
│   ├── NotOpen        registration has not opened yet, or is over, or the event is cancelled
│   └── Conflicting    the thing changed meanwhile, or is in a state that does not allow this
├── Busy               too much of it is going on; in a few seconds it is possible
├── Invalid            a value breaks a rule; names its field
│   └── Counted        an attempt that failed and counts
├── Missing            no such event, registration, ticket, report
├── NotAllowed         known, but not permitted
└── Unidentified       nobody, or a token that is wrong, expired or revoked

SettingsError stands alone: it stops a start and is never answered over HTTP.
"""


class DomainError(Exception):
    """A rule said no; `reason` is a stable word for programs, people get a translated sentence for it."""

    reason = "refused"

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason or type(self).reason
        super().__init__(self.reason)


class Refused(DomainError):
    """The request is understood and the state says no."""


class Full(Refused):
    """No seat is left for everyone in the party, or people are waiting for one."""

    reason = "full"

    def __init__(self, reason: str | None = None, *, may_wait: bool = False) -> None:
        super().__init__(reason)
        self.may_wait = may_wait


class Crowded(Refused):
    """Registrations beyond a network's share already hold as many seats as they may, or cannot wait in line."""

    reason = "crowded"


class NotOpen(Refused):
    """Registration is not open now: not yet, no longer, or never again."""

    reason = "not_open"


class Conflicting(Refused):
    """The thing changed meanwhile, or its state does not allow this."""

    reason = "conflicting"


class Busy(DomainError):
    """Too much of it is going on at the moment; in a few seconds it is possible."""

    reason = "busy"


class Invalid(DomainError):
    """A value breaks a rule that only the database's state can tell; names the field to correct.

    `numbers` are what the sentence for it says beside, by name.
    """

    reason = "invalid"

    def __init__(self, field: str, reason: str | None = None, **numbers: int) -> None:
        super().__init__(reason)
        self.field = field
        self.numbers = numbers


class Counted(Invalid):
    """An attempt that failed and counts: what was written before it is raised is kept (web/routes.py)."""


class Missing(DomainError):
    """There is no such thing, or none that this address may show."""

    reason = "missing"


class NotAllowed(DomainError):
    """Who acts is known and may not do this."""

    reason = "not_allowed"


class Unidentified(DomainError):
    """Nobody is signed in, or the token is wrong, expired or revoked."""

    reason = "unidentified"


class SettingsError(Exception):
    """A setting is missing or wrong; the message is the one line that the operator reads."""
