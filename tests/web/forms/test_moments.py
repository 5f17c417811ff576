"""Day and time, as browsers send them and as people write them."""

from datetime import datetime

import pytest

from web.forms.moments import FIRST, SECOND, read_wall, read_which


@pytest.mark.parametrize(
    "text",
    ["2026-12-31T23:30", "2026-12-31 23:30", " 2026-12-31T23:30 ", "2026-12-31T23:30:59", "2026-12-31T23:30:00.000"],
)
def test_a_wall_time_is_read_to_the_minute(text: str) -> None:
    assert read_wall(text) == datetime(2026, 12, 31, 23, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-12-31",
        "2026-02-30T10:00",
        "2026-12-31T24:30",
        "2026-12-31T23:30+05:00",
        "٢٠٢٦-12-31T23:30",
    ],
)
def test_a_text_without_day_and_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_wall(text)


def test_an_occurrence_is_known_only_if_it_was_chosen() -> None:
    assert [read_which(text) for text in (FIRST, SECOND, "", "third")] == [False, True, None, None]
