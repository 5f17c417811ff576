"""Tables of figures for a spreadsheet: CSV that Excel reads right, and XLSX with a sheet for each table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

Cell = str | int | float | None
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_NAME = 31
"""Of a sheet, in Excel."""
UNNAMEABLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns, and rows of text and numbers."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_of(tables: Sequence[Table]) -> bytes:
    """All tables beneath each other, each with its title; UTF-8 with a mark, without which Excel shows no Cyrillic.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for place, table in enumerate(tables):
        lines = [[], [table.title]] if place else [[table.title]]
        writer.writerows([*lines, [*map(_plain, table.head)]])
        writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def xlsx_of(tables: Sequence[Table]) -> bytes:
    """A workbook with a sheet for each table. Text stays text, whatever it begins with."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True})
    names: list[str] = []
    for table in tables:
        names.append(_name(table.title, names))
        _write(book.add_worksheet(names[-1]), table, bold)
    book.close()
    return file.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, table: Table, bold: xlsxwriter.format.Format) -> None:
    page.set_column(0, 0, 44)
    page.set_column(1, max(1, len(table.head) - 1), 16)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, table.head, bold)
    for number, row in enumerate(table.rows, 1):
        page.write_row(number, 0, ["" if cell is None else cell for cell in row])


def _name(title: str, taken: Sequence[str]) -> str:
    """A sheet's name: short, unlike the others, and without the characters that Excel forbids."""
    base = title.translate(UNNAMEABLE).strip()[:LONGEST_NAME] or "-"
    known = {name.casefold() for name in taken}
    for number in range(2, len(taken) + 3):
        if base.casefold() not in known:
            break
        base = f"{title.translate(UNNAMEABLE).strip()[: LONGEST_NAME - 4]} {number}"
    return base


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
