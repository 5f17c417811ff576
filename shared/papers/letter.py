"""What an organizer wrote to many, as a person's mail shows it: plain text in, paragraphs and links out.

The frame of every mail is here as well, so that a page can show a mail as it will look.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from shared import i18n
from shared.config import LANGUAGES
from shared.papers import ikat
from shared.papers.cover import fronted, png

TEMPLATES = Path(__file__).parent / "templates"
NAME_IN = {code: f"{{{i18n.language_table(code).attendee}}}" for code in LANGUAGES}
"""What stands for a person's name in a text: a word for each language, understood in all of them, in any case."""
COVER_WIDTH = 1200
"""Pixels: twice what a mail shows, for dense screens."""

_LINK = r"https?://[^\s<>\"]+"
_LINKS = re.compile(f"({_LINK})")
_MARK = rf"(?i:\{{[^\S\n]*(?:{'|'.join(mark.strip('{}') for mark in NAME_IN.values())})[^\S\n]*\}})"
_MARKS = re.compile(f"({_LINK}|{_MARK})")
_BRACES = re.compile(r"\{[^{}\n]{0,40}\}|\{[^\s{}]{0,40}|[^\s{}]{0,40}\}")
_AFTER_A_LINK = ".,;:!?'»”)]"


def environment(*folders: Path) -> Environment:
    """Templates of mails in these folders, on the frame of every mail."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    i18n.translate_templates(made)
    made.globals |= {"dir_of": i18n.dir_of, "direction": i18n.direction}
    return made


def inlined(page: str) -> str:
    """A mail's page with its styles at each element, since many mail programs drop the sheet."""
    return _inliner().inline(page)


@lru_cache(32)
def cover(slug: str, photograph: bytes | None = None) -> tuple[str, bytes]:
    """What heads a mail, whose programs show no SVG: "png" and the weave, or "jpeg" and the photograph."""
    made = fronted(ikat.weave(slug), photograph)
    return ("jpeg", made.photograph) if made.photograph else ("png", png(made, COVER_WIDTH))


def filled(text: str, name: str) -> str:
    """A text with the person's name where it is to stand."""
    return "".join(name if _is_mark(part) else part for part in _MARKS.split(text))


def strays(text: str) -> list[str]:
    """The braces that no name will stand in place of, each once: one that is misspelt, or within an address."""
    kept = (part for part in _MARKS.split(text) if not _is_mark(part))
    found = (brace for part in kept for brace in ([part] if _is_link(part) and "{" in part else _BRACES.findall(part)))
    return list(dict.fromkeys(found))


def paragraphs(text: str, name: str) -> list[Markup]:
    """A text in paragraphs: lines stay lines, addresses of pages can be clicked, all else is only text."""
    return [_lines(part, name) for part in text.split("\n\n") if part.strip()]


def linked(text: str, *, rel: str = "") -> Markup:
    """A text whose addresses of pages can be clicked; all else is only text, and lines stay as they are."""
    return Markup().join(_piece(part, rel) for part in _LINKS.split(text))


def mailing(**words: Any) -> tuple[str, str]:
    """Subject and page of a mailing in the language that is spoken now, for a page that shows it before it goes out."""
    templates = _own()
    words |= {"button": i18n.gettext("email.open_registration_button"), "language": i18n.language()}
    subject = i18n.normalize(templates.get_template("mailing_subject.txt").render(words))
    return subject, inlined(templates.get_template("mailing.html").render(words, subject=subject))


def _lines(text: str, name: str) -> Markup:
    lines = (Markup().join(_pieces(line, name)) for line in text.strip("\n").split("\n"))
    return Markup("<br>\n").join(lines)


def _pieces(line: str, name: str) -> Iterator[Markup]:
    return (escape(name) if _is_mark(part) else _piece(part) for part in _MARKS.split(line))


def _piece(part: str, rel: str = "") -> Markup:
    return _link(part, rel) if _is_link(part) else escape(part)


def _is_mark(part: str) -> bool:
    return re.fullmatch(_MARK, part) is not None


def _is_link(part: str) -> bool:
    return part.startswith(("http://", "https://"))


def _link(found: str, rel: str) -> Markup:
    address = found.rstrip(_AFTER_A_LINK)
    if found[len(address) :].startswith(")") and "(" in address:
        address += ")"
    marked = Markup(' rel="{}"').format(rel) if rel else ""
    return Markup('<a href="{0}"{1}>{0}</a>{2}').format(address, marked, found[len(address) :])


@cache
def _own() -> Environment:
    return environment()


@cache
def _inliner() -> css_inline.CSSInliner:
    # The sheet stays as well: what a dark screen needs cannot be said in an attribute.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
