"""The labels of a report's figures."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from shared.config import LANGUAGES
from shared.i18n import use_language
from shared.models import Event
from shared.scans import RefusalReason
from tests.factories import FIGURES, make_report
from tests.printed import words_of
from tests.web.pages.organizer.test_reports import address, event, sign_in
from web.pages.organizer import figure_labels as labels

__all__ = ["event"]

DOORS = [
    {**FIGURES["doors"][0], "id": number, "door": {"en": name}, "conflicts": 10, "refused": {"not_inside": number}}
    for number, name in enumerate(("North", "South"), 1)
]
TWO_DOORS = {"doors": DOORS, "paces": [], "conflicts": 10, "refused": {"not_inside": 3, "expired": 1, "moon": 2}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_reason_has_its_own_label(language: str) -> None:
    assert set(labels.REASONS) == set(RefusalReason)
    with use_language(language):
        assert len({labels.refused(reason) for reason in RefusalReason}) == len(RefusalReason)


def test_unknown_reasons_are_one_line(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event, figures={"refused": {"not_inside": 4, "moon": 2, "other": 1, "mars": 3}})
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert re.findall(r"<dt>Refused: ([^<]*)</dt><dd>(\d+)</dd>", page) == [
        ("other reasons", "6"),
        ("not checked in before leaving", "4"),
    ]


def test_a_conflict_counts_at_both_doors_and_once_in_the_total(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event, figures=TWO_DOORS)
    sign_in(client, db, event)
    foot = re.search(r"<tfoot>(.*?)</tfoot>", client.get(address(event)).text, re.DOTALL)
    assert foot
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", foot[1])
    assert cells == ["All doors (each ticket used twice counts once)", "–", "40", "48", "3", "10", "–"]
    book = load_workbook(io.BytesIO(client.get(f"{address(event)}.xlsx").data))
    head, *doors, total = list(book["Doors"].values)
    assert head[3] == "Tickets used twice, at each door involved"
    assert [row[3] for row in doors] == [10, 10]
    assert total[:4] == ("All doors (each ticket used twice counts once)", 40, 48, 10)
    rows = list(csv.reader(io.StringIO(client.get(f"{address(event)}.csv").data.decode("utf-8-sig"))))
    figures = {(table, key): (label, value) for table, key, label, value in rows}
    assert figures["figures", "conflicts"] == ("Tickets used twice", "10")
    assert figures["doors", "1.conflicts"] == ("North · Tickets used twice, at each door involved", "10")
    assert "Tickets used twice, on two phones 10" in words_of(client.get(f"{address(event)}.pdf").data)


def test_a_single_door_has_no_total(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event, figures={"doors": DOORS[:1]})
    sign_in(client, db, event)
    assert "All doors" not in client.get(address(event)).text
