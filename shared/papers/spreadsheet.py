"""Rows as a file that a spreadsheet opens: CSV (RFC 4180, UTF-8 with a mark at the start) or XLSX.

A program that opens CSV takes a cell for a formula by its first character. Such a cell gets an apostrophe before it,
which `harmless` puts there and `as_written` takes away again: a telephone number in a file is '+992...
XLSX says of each cell what it is, so there text is text as it was written.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from xlsxwriter import Workbook

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AT_ONCE, BYTES_AT_ONCE = 200, 65_536
LONGEST_CELL = 32_767
WIDTH = 18

Cell = str | int | bool | datetime | None
"""A moment is aware and in the zone that people shall read it in."""


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def as_written(cell: str) -> str:
    """The text that harmless() was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip("'").startswith(FORMULA) else cell


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV piece by piece; moments in ISO 8601 with their offset."""
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    held.write(MARK)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_cell(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield _taken(held)
    yield _taken(held)


def xlsx_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str) -> Iterator[bytes]:
    """XLSX piece by piece. It grows on disk, one row in memory; the first piece comes when the last row is written."""
    with TemporaryFile() as file:
        with Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
            page = book.add_worksheet(sheet)
            page.freeze_panes(1, 0)
            page.set_column(0, len(header) - 1, WIDTH)
            page.write_row(0, 0, header)
            for number, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    _write(page, number, column, cell)
        file.seek(0)
        while piece := file.read(BYTES_AT_ONCE):
            yield piece


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _write(page: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, datetime):
        # A sheet knows no zones: the wall time stands in it, and another column names the zone.
        page.write_datetime(row, column, cell.replace(tzinfo=None))
    elif isinstance(cell, int) and not isinstance(cell, bool):
        page.write_number(row, column, cell)
    elif cell is not None:
        text = cell if isinstance(cell, str) else "yes" if cell else "no"
        page.write_string(row, column, text[:LONGEST_CELL])


def _taken(held: io.StringIO) -> bytes:
    piece = held.getvalue().encode()
    held.seek(0)
    held.truncate()
    return piece
