"""Scans, walk-ins and shifts as phones send them: over the network, or in a file that an organizer uploads.

Each is validated by itself: an invalid one gets the result `invalid`, and the rest is recorded.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
)

from shared.config import LANGUAGES
from shared.door.batches import ScanClaim, WalkIn
from shared.errors import Invalid
from shared.i18n import without_unknown
from shared.scans import RefusalReason, ScanKind, ScanResult, UndoReason
from web.api.answers import ScanAnswer

LARGEST_STAMP = 2**43
"""Milliseconds until the year 2248; anything later is not a time."""

Model = TypeVar("Model", bound=BaseModel)
Stamp = Annotated[int, Field(ge=0, le=LARGEST_STAMP)]
Row = Annotated[int, Field(ge=0, lt=2**63)]
# A name is never refused for an unknown sign: a walk-in's scan would lose its person.
Name = Annotated[str, Field(max_length=500), AfterValidator(without_unknown), Field(min_length=1, max_length=200)]
_WORD = re.compile("[a-z_]{1,40}")
Word = Annotated[str, Field(pattern=f"^{_WORD.pattern}$")]
TicketId = Annotated[str, Field(pattern=r"^([0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]


def _row_or_none(value: Any) -> int | None:
    """Return the number of a row; None for any other name of a door."""
    return value if isinstance(value, int) and 0 <= value < 2**63 else None


def _word_or_none(value: Any) -> str | None:
    """Return the word of a reason; None for anything else: a reason that no one knows must not lose its scan."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def read_alone(kind: Any) -> BeforeValidator:
    """Document a value as of this kind, and validate it later, so that an invalid one refuses nothing beside it."""
    return BeforeValidator(_as_sent, json_schema_input_type=kind)


def _as_sent(value: Any) -> Any:
    return value


class ShiftInput(BaseModel):
    """A volunteer, and the time from which they have had the phone."""

    name: Name
    since: Stamp


class WalkInInput(BaseModel):
    """A walk-in; the id is the phone's."""

    id: UUID
    name: Name
    language: Annotated[str, BeforeValidator(lambda value: value if value in LANGUAGES else LANGUAGES[0])]
    ticket_type: Row | None = None


class ScanInput(BaseModel):
    """A scan: the ticket's text as `code`, or the entry's id as `person`. An unknown reason counts as `other`.

    `doubtful`: the phone's clock jumped. `door` is where it was made, unless that is the phone's door now.
    """

    id: UUID
    person: TicketId | None = None
    code: Annotated[str, Field(max_length=400)] | None = None
    session: Row
    kind: Annotated[Word, read_alone(ScanKind)]
    at: Stamp
    undoes: UUID | None = None
    reason: Annotated[
        str | None, BeforeValidator(_word_or_none, json_schema_input_type=RefusalReason | UndoReason | None)
    ] = None
    doubtful: bool = False
    door: Annotated[int | None, BeforeValidator(_row_or_none)] = None


class HandInFile(BaseModel):
    """The scans of a phone, as its menu saves them. `made_at` is milliseconds since 1970 on its own clock."""

    format: Literal["turnout-scans"]
    version: Literal[1]
    event: Row
    phone: UUID
    made_at: Stamp
    shifts: Annotated[list[Annotated[Any, read_alone(ShiftInput)]], Field(max_length=10_000)] = []
    walk_ins: Annotated[list[Annotated[Any, read_alone(WalkInInput)]], Field(max_length=10_000)] = []
    scans: Annotated[list[Annotated[Any, read_alone(ScanInput)]], Field(max_length=50_000)] = []


def read_file(content: bytes) -> HandInFile:
    """Return a file that a phone saved. Raises Invalid for any other."""
    try:
        return HandInFile.model_validate_json(content)
    except ValidationError as error:
        raise Invalid("file", "not_a_hand_in") from error


def read_shifts(values: Iterable[Any]) -> list[tuple[str, int]]:
    """Return volunteers and the start of their shifts."""
    return [(shift.name, shift.since) for shift in _readable(ShiftInput, values)]


def read_walk_ins(values: Iterable[Any]) -> list[WalkIn]:
    """Return walk-ins."""
    return [
        WalkIn(id=walk_in.id, name=walk_in.name, language=walk_in.language, ticket_type_id=walk_in.ticket_type)
        for walk_in in _readable(WalkInInput, values)
    ]


def _readable(model: type[Model], values: Iterable[Any]) -> Iterator[Model]:
    """Return the valid values: an invalid name must not delay the scans beside it."""
    for value in values:
        with suppress(ValidationError):
            yield model.model_validate(value)


def read_scan(value: Any) -> ScanClaim | ScanAnswer:
    """Return a scan, or the result for an invalid one."""
    try:
        return ScanClaim(**vars(ScanInput.model_validate(value)))
    except ValidationError as error:
        scan_id = value.get("id") if isinstance(value, dict) else None
        scan_id = scan_id if isinstance(scan_id, str) else None
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        reason = ".".join(map(str, fault["loc"])) or fault["type"]
        return {"id": scan_id, "result": ScanResult.INVALID, "reason": reason}
