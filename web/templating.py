"""The globals and filters of all templates: words, dates and numbers in the request's language, addresses, static
files.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, request
from jinja2 import pass_eval_context
from jinja2.filters import do_xmlattr
from jinja2.nodes import EvalContext

from shared import clock, i18n, links
from shared.config import LANGUAGES
from shared.papers import letter

LANGUAGE_NAMES = {code: i18n.language_table(code).name for code in LANGUAGES}
LANGUAGE_COOKIE = "language"


def plug_into(app: Flask) -> None:
    """Register the globals and filters, and set the language of each request."""
    i18n.translate_templates(app.jinja_env)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "language": i18n.language,
        "dir_of": i18n.dir_of,
        "direction": i18n.direction,
        "back_arrow": back_arrow,
        "next_arrow": next_arrow,
        "languages": LANGUAGE_NAMES,
        "linked": letter.linked,
        "links": links,
        "static": _static,
        "spoken": i18n.spoken,
        "text_in": i18n.text_in,
        "words": words,
        "format_day": i18n.format_day,
        "format_days": i18n.format_days,
        "format_month": i18n.format_month,
        "format_moment": i18n.format_moment,
        "format_number": i18n.format_number,
        "format_percent": i18n.format_percent,
        "format_time": i18n.format_time,
        "this_page": this_page,
        "city_of": i18n.city_of,
        "now": clock.now,
    }
    app.jinja_env.filters["in_zone"] = in_zone
    app.jinja_env.filters["attributes"] = attributes
    app.before_request(set_language)


def words(texts: dict[str, str] | None, languages: Sequence[str] = ()) -> i18n.Text | None:
    """Return a text in the request's language, else in the first of `languages` in which it is written."""
    return i18n.text_in(texts, (i18n.language(), *languages))


def back_arrow() -> str:
    """Return an arrow against the reading direction: Unicode mirrors brackets, but not arrows."""
    return "→" if i18n.direction() == "rtl" else "←"


def next_arrow() -> str:
    """Return an arrow in the reading direction of the current language."""
    return "←" if i18n.direction() == "rtl" else "→"


def this_page() -> str:
    """Return the requested address with its query, for links that lead back to it."""
    # Not full_path, which cannot decode a query that is not UTF-8.
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


def in_zone(moment: datetime, zone: str) -> datetime:
    """Return a moment on the wall clock of an IANA zone."""
    return moment.astimezone(ZoneInfo(zone))


@pass_eval_context
def attributes(context: EvalContext, values: Mapping[str, object]) -> str:
    """Return HTML attributes, each after a blank: True is a boolean one (HTML, 2.3.2), None is omitted."""
    return do_xmlattr(context, {name: "" if value is True else value for name, value in values.items()})


def set_language() -> None:
    """Set the language that the address names, else the one that was chosen before, else the browser's."""
    addressed = request.path.split("/", 2)[1]
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if addressed in LANGUAGES:
        i18n.set_language(addressed)
    elif chosen in LANGUAGES:
        i18n.set_language(chosen)
    else:
        # Not best_match, which answers "tg-TJ, ru" with Russian.
        preferred = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
        i18n.set_language(next((code for code in preferred if code in LANGUAGES), LANGUAGES[0]))


def _static(name: str) -> str:
    """Return the address of a static file with the hash of its content, so that it can be cached for a year."""
    path = Path(__file__).parent / "static" / name
    if not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={_content_hash(path, path.stat().st_mtime_ns)}"


@cache
def _content_hash(path: Path, changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
