"""Rows as XLSX, read back by a library that did not write them."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count, islice
from zipfile import BadZipFile, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from shared.papers import spreadsheet
from shared.papers.spreadsheet import LONGEST_CELL, ROWS_AT_ONCE, Cell

TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\0\x0b\x1f\ufffe\uffff\r&<")))
MEANT = st.sampled_from(["=1+1", "+992", "0012", "_x000D_", "x_x0041_y", " a ", "a\nb", "]]>", "Ҷаҳонгир Қӯрғонов"])
CELLS = st.one_of(TEXTS, MEANT, st.integers(-(10**12), 10**12), st.booleans(), st.none())


def sheet(rows: list[list[Cell]]) -> Worksheet:
    header = [f"column{number}" for number in range(len(rows[0]))]
    widths = [18 + number for number in range(len(header))]
    content = b"".join(spreadsheet.xlsx_chunks(header, rows, sheet="People", widths=widths))
    page = load_workbook(io.BytesIO(content)).active
    assert isinstance(page, Worksheet)
    return page


def as_read(cell: Cell) -> object:
    """Return a cell as it reads after it was written."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return None if cell == "" else cell


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_is_read_back_and_is_no_formula(rows: list[list[Cell]]) -> None:
    read = list(sheet(rows).iter_rows(min_row=2, max_row=len(rows) + 1, max_col=3))
    values = [[unescape(cell.value) if isinstance(cell.value, str) else cell.value for cell in row] for row in read]
    assert values == [[as_read(cell) for cell in row] for row in rows]
    assert not [cell for row in read for cell in row if cell.data_type == "f"]


@given(moment=st.datetimes(datetime(1901, 1, 1), datetime(2999, 1, 1)))
def test_a_moment_is_the_time_on_the_wall(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    cell = sheet([[moment.replace(tzinfo=timezone(timedelta(hours=5)))]])["A2"]
    assert (cell.value, cell.number_format) == (moment, "yyyy-mm-dd hh:mm:ss")


def test_the_head_stays_in_sight_and_the_columns_are_wide_enough() -> None:
    page = sheet([["a", 1, datetime(2026, 11, 24, 18, tzinfo=UTC)]])
    assert [cell.value for cell in page[1]] == ["column0", "column1", "column2"]
    assert (page.title, page.freeze_panes, page.auto_filter.ref) == ("People", "A2", "A1:C1048576")
    assert [round(page.column_dimensions[name].width) for name in "ABC"] == [19, 20, 21]
    assert [cell.font.bold for cell in page[1]] == [True, True, True]
    assert not any(cell.font.bold for cell in page[2])


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(str(sheet([["Ҷ" * (LONGEST_CELL + 9)]])["A2"].value)) == LONGEST_CELL


def test_pieces_leave_while_rows_are_read() -> None:
    read: list[int] = []

    def rows() -> Iterator[list[Cell]]:
        for number in count():
            read.append(number)
            yield [number, "Ҷаҳонгир"]

    pieces = list(islice(spreadsheet.xlsx_chunks(["n", "name"], rows(), sheet="People", widths=[9, 18]), 3))
    assert all(pieces)
    assert len(read) <= 40 * ROWS_AT_ONCE, "what packs holds some back"


def test_a_file_without_rows_is_whole() -> None:
    content = b"".join(spreadsheet.xlsx_chunks(["name"], [], sheet="People", widths=[18]))
    assert ZipFile(io.BytesIO(content)).testzip() is None
    assert len(list(load_workbook(io.BytesIO(content))["People"].iter_rows())) == 1


def test_a_fault_among_the_rows_is_heard_and_ends_no_file() -> None:
    def rows() -> Iterator[list[Cell]]:
        yield from ([number, "Ҷаҳонгир"] for number in range(20 * ROWS_AT_ONCE))
        raise LookupError

    sent = io.BytesIO()
    with pytest.raises(LookupError):
        sent.writelines(spreadsheet.xlsx_chunks(["n", "name"], rows(), sheet="People", widths=[9, 18]))
    with pytest.raises(BadZipFile):
        ZipFile(sent)
