"""The vocabulary of the ledger, which phones and server share."""

import re
from pathlib import Path

import pytest

from shared.models import RefusalReason

TYPES = Path(__file__).parents[3] / "web/door/src/lib/types.ts"


def test_phone_and_server_know_the_same_refusal_reasons() -> None:
    union = re.search(r"export type Reason =(.*?);", TYPES.read_text(encoding="utf-8"), re.DOTALL)
    assert union
    assert set(re.findall(r'"(\w+)"', union[1])) == set(RefusalReason) - {RefusalReason.OTHER}


@pytest.mark.parametrize("word", ["on_the_moon", ""])
def test_a_reason_of_another_build_counts_as_other(word: str) -> None:
    assert RefusalReason(word) is RefusalReason.OTHER
