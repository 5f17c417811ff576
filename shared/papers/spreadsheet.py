"""Rows as a file for spreadsheet programs: CSV (RFC 4180, UTF-8 with a byte order mark) or XLSX.

A program that opens CSV recognizes a formula by its first character. `harmless` puts an apostrophe before such a cell
and `as_written` removes it: a telephone number in a file is '+992... XLSX states the type of each cell, so text stays
as it was written.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AT_ONCE = 200
LONGEST_CELL = 32_767
SHEET = "xl/worksheets/sheet1.xml"
LAST_ROW = 1_048_575
"""Counted from 0."""
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_DAY, _FIRST_DAY = timedelta(days=1), datetime(1899, 12, 30, tzinfo=UTC)
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Cell = str | int | float | bool | datetime | None
"""A moment is aware and in the zone of its readers."""


def harmless(text: str) -> str:
    """Return the text so that no spreadsheet program reads it as a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def as_written(cell: str) -> str:
    """Return the text as it was before harmless()."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip("'").startswith(FORMULA) else cell


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield CSV piece by piece; moments in ISO 8601 with their offset."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(MARK)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_cell(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def xlsx_chunks(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str, widths: Sequence[int]
) -> Iterator[bytes]:
    """Yield XLSX piece by piece: a zip that grows while the rows are read. Its libraries send nothing before the last
    row, so they make an empty workbook here, and the sheet's rows (ECMA-376, 18.3.1) are written into it.

    The header stays visible, is bold and has filters; `widths` are those of the columns in characters.
    """
    buffer = _Held()
    names = [xl_col_to_name(column) for column in range(len(header))]
    with _empty(widths, sheet) as empty, ZipFile(buffer, "w", ZIP_DEFLATED) as book:
        for member in empty.infolist():
            if member.filename != SHEET:
                book.writestr(member, empty.read(member))
        before, moment, bold, after = _around_rows(empty.read(SHEET).decode())
        with book.open(SHEET, "w") as page:
            page.write(f"{before}{_xlsx_row(names, 1, header, moment, bold)}".encode())
            for number, row in enumerate(rows, 2):
                page.write(_xlsx_row(names, number, row, moment).encode())
                yield from buffer.pieces()
            page.write(after.encode())
    yield buffer.taken()


class _Held(io.RawIOBase):
    """Bytes that were written and not yet sent. It cannot seek, so a zip writes sizes after each file."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, piece: Any, /) -> int:
        self._content += piece
        return len(piece)

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes to send: mostly none, since the compressor waits until a piece is large enough."""
        if self._content:
            yield self.taken()

    def taken(self) -> bytes:
        """Return all bytes, once."""
        content = bytes(self._content)
        self._content.clear()
        return content


def _empty(widths: Sequence[int], sheet: str) -> ZipFile:
    """Return a workbook with one row, of a moment and a word that is bold."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "default_date_format": DATE_FORMAT}) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, LAST_ROW, len(widths) - 1)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.write_datetime(0, 0, date(2000, 1, 1))
        page.write_string(0, 1, "", book.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
    return ZipFile(file)


def _around_rows(page: str) -> tuple[str, str, str, str]:
    """Return the text before and after the rows of an empty sheet, and between them the numbers of the styles of the
    row's two cells: of a moment, and of bold words.
    """
    before, row, after = re.split(r"(<row .*</row>)", page)
    moment, bold = re.findall(r' s="(\d+)"', row)
    # The sheet's size is optional, and is not known yet.
    return re.sub(r"<dimension [^>]*/>", "", before), moment, bold, after


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _xlsx_row(names: Sequence[str], number: int, row: Sequence[Cell], moment: str, style: str = "0") -> str:
    cells = (_xlsx_cell(f"{name}{number}", cell, moment, style) for name, cell in zip(names, row, strict=True))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _xlsx_cell(reference: str, cell: Cell, moment: str, style: str) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, datetime):
        # A sheet has no zones: the cell has the wall time, and another column names the zone.
        return f'<c r="{reference}" s="{moment}"><v>{(cell.replace(tzinfo=UTC) - _FIRST_DAY) / _DAY}</v></c>'
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return f'<c r="{reference}"><v>{cell}</v></c>'
    text = cell if isinstance(cell, str) else "yes" if cell else "no"
    escaped = _SPECIAL.sub(_harmless_character, text[:LONGEST_CELL])
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def _harmless_character(match: re.Match[str]) -> str:
    """Write a character that XML 1.0 cannot contain as _xHHHH_ (ECMA-376, 22.9.2.19), and also text that looks like
    one.
    """
    character = match[0]
    return _ENTITIES.get(character) or f"_x{ord(character):04X}_"


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
