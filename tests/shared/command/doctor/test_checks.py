"""A check is made once what it needs is well, and one that cannot be made is no end of the others."""

from collections.abc import Iterator

from shared.command.doctor.checks import CHECKS, OF_DOMAIN, Outcome, examine
from shared.command.doctor.examination import Check, Fault, Installation

SITE = Installation({})
FAULT = Fault("the wall is wet", "mend the roof")


def test_a_check_is_skipped_after_a_fault_of_what_it_needs_and_so_is_what_needs_it() -> None:
    checks = (
        Check("roof", lambda _: iter([FAULT])),
        Check("wall", lambda _: iter([]), ("roof",)),
        Check("paint", lambda _: iter([]), ("wall",)),
        Check("door", lambda _: iter([])),
    )
    assert list(examine(SITE, checks)) == [
        Outcome("roof", faults=[FAULT]),
        Outcome("wall", needs="roof"),
        Outcome("paint", needs="wall"),
        Outcome("door"),
    ]


def test_a_check_that_cannot_be_made_is_no_end_of_the_others() -> None:
    def fail(_: Installation) -> Iterator[Fault]:
        yield FAULT
        raise PermissionError(13, "Permission denied")

    outcomes = list(examine(SITE, (Check("wall", fail), Check("door", lambda _: iter([])))))
    assert outcomes == [Outcome("wall", error="[Errno 13] Permission denied"), Outcome("door")]
    assert [outcome.is_well for outcome in outcomes] == [False, True]


def test_every_check_comes_after_those_that_it_needs() -> None:
    before: set[str] = set()
    for check in (*CHECKS, *OF_DOMAIN):
        assert set(check.needs) <= before, check.name
        assert check.name not in before
        before.add(check.name)
