"""An organizer's text as an attendee's email shows it: plain text in, paragraphs and links out.

The frame of every email is here as well, so that a page can preview an email.
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
"""The placeholder of a name in a text: a word for each language, understood in all of them, in any case."""
COVER_WIDTH = 1200
"""Pixels: twice the width in an email, for dense screens."""

_LINK = r"https?://[^\s<>\"]+"
_LINKS = re.compile(f"({_LINK})")
_MARK = rf"(?i:\{{[^\S\n]*(?:{'|'.join(mark.strip('{}') for mark in NAME_IN.values())})[^\S\n]*\}})"
_MARKS = re.compile(f"({_LINK}|{_MARK})")
_BRACES = re.compile(r"\{[^{}\n]{0,40}\}|\{[^\s{}]{0,40}|[^\s{}]{0,40}\}")
_AFTER_A_LINK = ".,;:!?'»”)]"


def environment(*folders: Path) -> Environment:
    """Return an environment for the email templates in these folders, with the frame of every email."""
    templates = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    i18n.translate_templates(templates)
    templates.globals |= {"dir_of": i18n.dir_of, "direction": i18n.direction}
    return templates


def inlined(page: str) -> str:
    """Return an email's page with its styles on each element, since many email programs drop the style sheet."""
    return _inliner().inline(page)


@lru_cache(32)
def cover(slug: str, photograph: bytes | None = None) -> tuple[str, bytes]:
    """Return the picture at the head of an email, where programs show no SVG: "png" and the weave, or "jpeg" and the
    photograph.
    """
    picture = fronted(ikat.weave(slug), photograph)
    return ("jpeg", picture.photograph) if picture.photograph else ("png", png(picture, COVER_WIDTH))


def filled(text: str, name: str) -> str:
    """Return a text with the attendee's name in place of its placeholder."""
    return "".join(name if _is_mark(part) else part for part in _MARKS.split(text))


def strays(text: str) -> list[str]:
    """Return the placeholders that no name will replace, each once: misspelt ones, or ones within an address."""
    texts = (part for part in _MARKS.split(text) if not _is_mark(part))
    braces = (
        brace for part in texts for brace in ([part] if _is_link(part) and "{" in part else _BRACES.findall(part))
    )
    return list(dict.fromkeys(braces))


def paragraphs(text: str, name: str) -> list[Markup]:
    """Return a text in paragraphs: line breaks stay, web addresses become links, everything else is plain text."""
    return [_lines(part, name) for part in text.split("\n\n") if part.strip()]


def linked(text: str, *, rel: str = "") -> Markup:
    """Return a text with its web addresses as links; everything else is plain text, and line breaks stay."""
    return Markup().join(_piece(part, rel) for part in _LINKS.split(text))


def mailing(**words: Any) -> tuple[str, str]:
    """Return subject and page of a mailing in the current language, for the preview before it is sent."""
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


def _link(match: str, rel: str) -> Markup:
    address = match.rstrip(_AFTER_A_LINK)
    if match[len(address) :].startswith(")") and "(" in address:
        address += ")"
    marked = Markup(' rel="{}"').format(rel) if rel else ""
    return Markup('<a href="{0}"{1}>{0}</a>{2}').format(address, marked, match[len(address) :])


@cache
def _own() -> Environment:
    return environment()


@cache
def _inliner() -> css_inline.CSSInliner:
    # The style sheet stays as well: rules for dark screens cannot be attributes.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
