"""Each kind of scan and each answer to one has its label on the pages of organizers."""

from shared.scans import ScanKind, ScanResult
from web.pages.organizer.doors.messages import SCAN_ANSWERS
from web.pages.organizer.people.wording import SCANS


def test_each_answer_to_a_scan_has_its_sentence() -> None:
    assert set(SCAN_ANSWERS) == set(ScanResult)


def test_each_kind_of_scan_has_its_words() -> None:
    assert set(SCANS) == set(ScanKind)
