"""The words that phones, server and reports have in common."""

import re
from pathlib import Path

import pytest

from shared.scans import RefusalReason, ScanKind, ScanResult, UndoReason

SOURCES = Path(__file__).parents[2] / "web/door/src"
UNIONS = {
    "Reason": set(RefusalReason) - {RefusalReason.OTHER},
    "UndoReason": set(UndoReason),
    "ScanKind": set(ScanKind),
    "ScanResult": set(ScanResult),
}


@pytest.mark.parametrize("name", UNIONS)
def test_phone_and_server_know_the_same_words(name: str) -> None:
    [types] = SOURCES.rglob("types.ts")
    union = re.search(rf"export type {name} =(.*?);", types.read_text(encoding="utf-8"), re.DOTALL)
    assert union
    assert set(re.findall(r'"(\w+)"', union[1])) == UNIONS[name]


@pytest.mark.parametrize("word", ["on_the_moon", ""])
def test_a_reason_of_another_build_counts_as_other(word: str) -> None:
    assert RefusalReason(word) is RefusalReason.OTHER
