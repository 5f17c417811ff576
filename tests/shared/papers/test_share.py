"""The picture for sharing an event: its shape and weight, its letters, and the changes that make it another one."""

import io
import time
from dataclasses import replace

import pytest
from PIL import Image

from shared.papers import share
from shared.papers.share import SharePaper

PAPER = SharePaper("italk-1", "Он чи худ аз сар гузаронидем", "шанбе, 5 декабр, 18:00–20:30, Душанбе", "Пешрафт")
LONG = "Мубоҳисаи озод дар бораи пиёдароҳҳо, гузаргоҳҳо ва дарахтон дар шаҳри мо " * 6


@pytest.mark.parametrize("title", ["Ғ", PAPER.title, LONG, "<b>&</b>", "a\x00b\u202e", "九龍", "W" * 300, ""])
def test_it_has_the_shape_and_weight_that_messengers_show(title):
    picture = share.png(replace(PAPER, title=title))
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(picture) <= 300_000


def test_the_title_is_read_on_the_ground():
    with_title, without = (share.png(replace(PAPER, title=title)) for title in (PAPER.title, ""))
    assert with_title != without


def test_what_is_written_is_text():
    assert "&lt;b&gt;" in share.svg(replace(PAPER, title="<b>"))


def test_another_text_is_another_version():
    versions = {PAPER.version} | {
        replace(PAPER, **{name: "x"}).version for name in ("slug", "title", "when", "organization")
    }
    assert len(versions) == 5
    assert replace(PAPER).version == PAPER.version


@pytest.mark.alone
def test_it_is_drawn_quickly():
    # The quickest of several: what the machine does beside it is not measured.
    assert min(seconds_to_draw(f"Another {number}") for number in range(6)) < 0.15


def test_it_is_drawn_only_once():
    first = share.png(replace(PAPER, title="Another"))
    assert share.png(replace(PAPER, title="Another")) is first


def seconds_to_draw(title: str) -> float:
    begun = time.process_time()
    share.png(replace(PAPER, title=title))
    return time.process_time() - begun
