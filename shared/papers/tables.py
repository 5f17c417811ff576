"""Several tables as one workbook, with a sheet for each. A single table, and CSV: spreadsheet.py."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from shared.papers.spreadsheet import DATE_FORMAT, Cell

LONGEST_NAME = 31
"""Of a sheet, in Excel."""
UNNAMEABLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns, and rows of text, numbers and moments."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def xlsx_of(tables: Sequence[Table]) -> bytes:
    """Return a workbook with a sheet for each table. Text stays text, whatever its first character."""
    file = io.BytesIO()
    texts = {"strings_to_formulas": False, "strings_to_urls": False}
    # A sheet has no zones: the cell has the wall time.
    times = {"remove_timezone": True, "default_date_format": DATE_FORMAT}
    book = xlsxwriter.Workbook(file, {"in_memory": True, **texts, **times})
    bold = book.add_format({"bold": True, "text_wrap": True})
    names: list[str] = []
    for table in tables:
        names.append(_name(table.title, names))
        _write(book.add_worksheet(names[-1]), table, bold)
    book.close()
    return file.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, table: Table, bold: xlsxwriter.format.Format) -> None:
    page.set_column(0, 0, 44)
    page.set_column(1, max(1, len(table.head) - 1), 20)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, table.head, bold)
    for number, row in enumerate(table.rows, 1):
        page.write_row(number, 0, ["" if cell is None else cell for cell in row])


def _name(title: str, names: Sequence[str]) -> str:
    """Return a sheet's name: short, unique, and without the characters that Excel forbids."""
    base = title.translate(UNNAMEABLE).strip()[:LONGEST_NAME] or "-"
    used = {name.casefold() for name in names}
    for number in range(2, len(names) + 3):
        if base.casefold() not in used:
            break
        base = f"{title.translate(UNNAMEABLE).strip()[: LONGEST_NAME - 4]} {number}"
    return base
