"""The words that phones, server and reports have in common about scans; docs/door-api.md says what each means."""

from enum import StrEnum


class ScanKind(StrEnum):
    """What a scan did: it checked in, checked out, undid an earlier scan, or refused a ticket."""

    IN = "in"
    OUT = "out"
    UNDO = "undo"
    REFUSED = "refused"


MOVES = frozenset({ScanKind.IN, ScanKind.OUT})
"""The kinds of scans that check someone in or out."""


class RefusalReason(StrEnum):
    """Why a phone refused a ticket. Any other word becomes OTHER, which no phone sends."""

    NOT_A_TICKET = "not_a_ticket"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    OTHER_EVENT = "other_event"
    OTHER_SESSION = "other_session"
    NOT_OPEN = "not_open"
    ALREADY_IN = "already_in"
    UNLISTED = "unlisted"
    NOT_INSIDE = "not_inside"
    EXPIRED = "expired"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "RefusalReason":
        # A phone with another build may know one more; its scan counts all the same.
        return cls.OTHER


class UndoReason(StrEnum):
    """Why a volunteer undid a check-in."""

    WRONG_PERSON = "wrong_person"
    MISTAKE = "mistake"
    LEFT = "left"


class ScanResult(StrEnum):
    """The server's answer to a scan. It is stored for good, except where it is invalid."""

    ACCEPTED = "accepted"
    REPLAY = "replay"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    INVALID = "invalid"


class InvalidReason(StrEnum):
    """Why a scan that can be read cannot be stored."""

    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_SESSION = "unknown_session"
    UNDOES = "undoes"
    NOT_A_TICKET = "not_a_ticket"
    NOBODY = "nobody"
    ANOTHER_SCAN = "another_scan"


PAPER = "paper"
"""The reason of a scan entered from the paper list: the arrival is known, its time is not."""
