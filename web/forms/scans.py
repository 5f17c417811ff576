"""What phones say of scans, walk-ins and shifts: over the network, or in a file that an organizer uploads.

Each is read for itself: one that makes no sense is answered `invalid`, and the rest is taken in.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from shared.config import LANGUAGES
from shared.errors import Invalid
from shared.i18n import without_unknown
from shared.operations.batches import ScanClaim, WalkIn

LARGEST_STAMP = 2**43
"""Milliseconds until the year 2248; anything later is not a time."""

Part = TypeVar("Part", bound=BaseModel)
Stamp = Annotated[int, Field(ge=0, le=LARGEST_STAMP)]
Row = Annotated[int, Field(ge=0, lt=2**63)]
# A name is never refused for a sign: somebody's scan would lose whom it is about.
Name = Annotated[str, Field(max_length=500), AfterValidator(without_unknown), Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
TicketId = Annotated[str, Field(pattern=r"^([0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]


def _row_or_none(given: Any) -> int | None:
    """A number of a row; whatever else a door is called by says nothing."""
    return given if isinstance(given, int) and 0 <= given < 2**63 else None


class Shift(BaseModel):
    """Who holds the phone since when."""

    name: Name
    since: Stamp


class Newcomer(BaseModel):
    """Somebody without a registration; the id is the phone's."""

    id: UUID
    name: Name
    language: Annotated[str, BeforeValidator(lambda given: given if given in LANGUAGES else LANGUAGES[0])]
    ticket_type: Row | None = None


class Scan(BaseModel):
    """One scan. Whether kind, session and person make sense is for the operation to say."""

    id: UUID
    person: TicketId | None = None
    code: Annotated[str, Field(max_length=400)] | None = None
    session: Row
    kind: Word
    at: Stamp
    undoes: UUID | None = None
    reason: Word | None = None
    doubtful: bool = False
    door: Annotated[int | None, BeforeValidator(_row_or_none)] = None


class HandInFile(BaseModel):
    """What a phone kept, as its menu saves it. `made_at` is milliseconds since 1970 on its own clock."""

    format: Literal["turnout-scans"]
    version: Literal[1]
    event: Row
    phone: UUID
    made_at: Stamp
    shifts: Annotated[list[Any], Field(max_length=10_000)] = []
    walk_ins: Annotated[list[Any], Field(max_length=10_000)] = []
    scans: Annotated[list[Any], Field(max_length=50_000)] = []


def read_file(content: bytes) -> HandInFile:
    """A file that a phone saved. Raises Invalid for any other."""
    try:
        return HandInFile.model_validate_json(content)
    except ValidationError as error:
        raise Invalid("file", "not_a_hand_in") from error


def read_shifts(given: Iterable[Any]) -> list[tuple[str, int]]:
    """Who held the phone since when."""
    return [(shift.name, shift.since) for shift in _readable(Shift, given)]


def read_walk_ins(given: Iterable[Any]) -> list[WalkIn]:
    """Who came without a registration."""
    return [
        WalkIn(id=one.id, name=one.name, language=one.language, ticket_type_id=one.ticket_type)
        for one in _readable(Newcomer, given)
    ]


def _readable(kind: type[Part], given: Iterable[Any]) -> Iterator[Part]:
    """Those that make sense: a name that is none must not hold up the scans beside it."""
    for one in given:
        with suppress(ValidationError):
            yield kind.model_validate(one)


def read_scan(given: Any) -> ScanClaim | dict[str, Any]:
    """A scan, or the answer to something that is none."""
    try:
        return ScanClaim(**Scan.model_validate(given).model_dump())
    except ValidationError as error:
        name = given.get("id") if isinstance(given, dict) else None
        name = name if isinstance(name, str) else None
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return {"id": name, "result": "invalid", "reason": ".".join(map(str, fault["loc"])) or fault["type"]}
