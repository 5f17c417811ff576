"""Groups of attendees: no one is identified by being alone in one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reports.breakdowns import NOT_STATED, SMALLEST_GROUP, grouped

ANSWERS = st.lists(st.sampled_from(("a", "b", "c", "d", NOT_STATED)) | st.sampled_from(("a", "b")), max_size=40)


@given(ANSWERS)
def test_no_group_is_under_five_unless_it_is_everybody(answers: list[str]) -> None:
    groups = dict(map(tuple, grouped(answers)))
    unstated = groups.pop(NOT_STATED, 0)
    assert unstated == answers.count(NOT_STATED), "always shown, as it is"
    assert sum(groups.values()) == len(answers) - unstated
    assert len(groups) <= 1 or min(groups.values()) >= SMALLEST_GROUP
    counts = Counter(answers)
    assert all(counts[name] == count for name, count in groups.items() if name != "other")


@given(ANSWERS)
def test_no_more_is_merged_than_it_takes(answers: list[str]) -> None:
    groups = dict(map(tuple, grouped(answers)))
    merged = [count for name, count in Counter(answers).items() if name != NOT_STATED and name not in groups]
    assert sum(merged) == groups.get("other", 0)
    assert not merged or sum(merged) - max(merged) < SMALLEST_GROUP or max(merged) < SMALLEST_GROUP


@given(ANSWERS)
def test_the_order_of_answers_does_not_matter(answers: list[str]) -> None:
    assert grouped(sorted(answers)) == grouped(answers) == grouped(sorted(answers, reverse=True))


@pytest.mark.parametrize(
    ("answers", "groups"),
    [
        (["tg"] * 20 + ["ru"], [["other", 21]]),
        (["tg"] * 20 + ["ru"] * 8 + ["en"], [["tg", 20], ["other", 9]]),
        (["tg"] * 20 + ["ru"] * 4 + ["en"], [["tg", 20], ["other", 5]]),
        (["tg"] * 2, [["other", 2]]),
        ([NOT_STATED] * 2, [[NOT_STATED, 2]]),
        ([], []),
    ],
)
def test_a_small_group_that_would_stand_alone_takes_the_next_one_in(answers: list[str], groups: list[object]) -> None:
    assert grouped(answers) == groups


def test_an_answer_called_other_is_not_taken_for_the_small_groups() -> None:
    answers = ["other"] * 9 + ["a"] * 3 + ["b"] * 3
    assert grouped(answers, {"other": {"en": "Something else"}}) == [[{"en": "Something else"}, 9], ["other", 6]]
