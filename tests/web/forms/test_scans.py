"""Scans, walk-ins and shifts, each validated by itself: an invalid one does not stop the others."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.door.batches import ScanClaim
from shared.errors import Invalid
from shared.scans import RefusalReason
from web.forms.scans import read_file, read_scan, read_shifts, read_walk_ins

FILE = {"format": "turnout-scans", "version": 1, "event": 7, "phone": str(uuid4()), "made_at": 1}
SCAN = {"id": str(uuid4()), "person": "0123456789abcdef", "session": 1, "kind": "in", "at": 1}


def test_a_file_is_read_whole_and_its_scans_later() -> None:
    file = read_file(json.dumps({**FILE, "scans": [SCAN, "nonsense"], "unknown": 1}).encode())
    assert (file.event, str(file.phone), len(file.scans)) == (7, FILE["phone"], 2)
    assert (file.walk_ins, file.shifts) == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"event": -1},
        {"event": 2**63},
        {"phone": "x"},
        {"scans": {}},
        {"made_at": None},
    ],
    ids=str,
)
def test_a_file_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_file(json.dumps({**FILE, **change}).encode())


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"\\ud800"', b"\xff", b"[" * 200_000])
def test_a_file_that_no_phone_saved_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_file(content)


def test_a_scan_is_read() -> None:
    claim = read_scan({**SCAN, "door": "north", "doubtful": True, "unknown": 1})
    assert isinstance(claim, ScanClaim)
    assert (str(claim.id), claim.door, claim.doubtful) == (SCAN["id"], None, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person": "SHARIF"}, "person"),
        ({"at": -1}, "at"),
        ({"at": 2**43 + 1}, "at"),
        ({"kind": "IN"}, "kind"),
        ({"session": 2**63}, "session"),
    ],
)
def test_an_invalid_scan_gets_its_own_result(change: dict[str, Any], reason: str) -> None:
    assert read_scan({**SCAN, **change}) == {"id": SCAN["id"], "result": "invalid", "reason": reason}


@pytest.mark.parametrize(
    ("reason", "kept"), [("on_the_moon", "on_the_moon"), ("On the moon!", None), ("x" * 41, None), (7, None)]
)
def test_no_reason_of_another_build_loses_its_scan(reason: Any, kept: str | None) -> None:
    claim = read_scan({**SCAN, "kind": "refused", "reason": reason})
    assert isinstance(claim, ScanClaim)
    assert claim.reason == kept
    assert RefusalReason(claim.reason or "other") is RefusalReason.OTHER


@pytest.mark.parametrize("value", [None, "x", 7, [], {}])
def test_a_value_that_is_not_a_scan_gets_a_result_too(value: Any) -> None:
    answer = read_scan(value)
    assert isinstance(answer, dict)
    assert (answer["id"], answer["result"]) == (None, "invalid")


def test_valid_shifts_and_walk_ins_are_kept() -> None:
    assert read_shifts([{"name": " Нигина\u0000 ", "since": 1}, {"name": ""}, None]) == [("Нигина", 1)]
    walk_in, *rest = read_walk_ins([{"id": str(uuid4()), "name": "Фирӯза", "language": "xx"}, {"name": "Nobody"}])
    assert (walk_in.name, walk_in.language, rest) == ("Фирӯза", "en", [])
