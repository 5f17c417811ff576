"""Messages in the current language, out of `shared/locale/<language>/LC_MESSAGES/messages.po`.

Code and templates name a message by its id, "doors.revoke_pass", so that mending a sentence is a change of one line in
one catalogue. A catalogue is read as it is, so no compiled one can be stale. The first language speaks where another
lacks a message.
"""

import gettext as catalogues
import json
import re
from collections.abc import Sequence
from functools import cache
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from shared.config import LANGUAGES
from shared.i18n import languages
from shared.i18n.languages import language, language_table

NUMBERS: Sequence[str] = json.loads((languages.LOCALE / "numbers.json").read_text(encoding="utf-8"))
"""Placeholders that are filled in with a number; the scanner's build reads the same file."""

# The scanner's build has its twin, web/door/scripts/messages.mjs; tests/shared/typography_vectors.json holds the two
# together.
_AFTER_A_NUMBER = re.compile(rf"(\d|%\((?:{'|'.join(NUMBERS)})\)s) (?=[^\W\d_])")
_BEFORE_A_DASH = re.compile(" (?=\N{EM DASH} )")


@cache
def catalogue(wanted: str) -> catalogues.GNUTranslations:
    """Return the messages of one language, read once per process; fuzzy and empty ones count as missing.

    Spaces that must not break are put in here, where the language wants them: no translator types them.
    """
    with (languages.LOCALE / wanted / "LC_MESSAGES" / "messages.po").open("rb") as file:
        # Without a locale, which Babel may not know: the plural rule is the header's.
        messages = read_po(file)
    if language_table(wanted).unbroken:
        _keep_together(messages)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    translations = catalogues.GNUTranslations(compiled)
    if wanted != LANGUAGES[0]:
        translations.add_fallback(catalogue(LANGUAGES[0]))
    return translations


def _keep_together(messages: Catalog) -> None:
    for message in messages:
        if message.id:
            text = message.string or ""
            message.string = kept_together(text) if isinstance(text, str) else tuple(map(kept_together, text))


def kept_together(text: str) -> str:
    """Return the text with spaces that do not break between a number and its word, and before a dash."""
    text = _AFTER_A_NUMBER.sub("\\1\N{NO-BREAK SPACE}", text)
    return _BEFORE_A_DASH.sub("\N{NO-BREAK SPACE}", text)


def gettext(message: str, /, **values: object) -> str:
    """Return the message of this id in the current language, with %(name)s filled in from keyword arguments.

    Without arguments nothing is filled in, so a lone per cent sign is safe.
    """
    text = catalogue(language()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(message: str, n: int, /, **values: object) -> str:
    """Return the form of the message that fits n things; n itself is there as %(n)s and %(num)s."""
    text = catalogue(language()).ngettext(message, message, n)
    return text % {"n": n, "num": n, **values}


def deferred(message: str) -> str:
    """Mark an id in a table as a message's; it is translated when it is shown, by gettext."""
    return message


def translate_templates(environment: Environment) -> None:
    """Teach a Jinja environment `_` and `ngettext`: as above, but a message is markup and the values are escaped."""
    environment.globals |= {"_": _markup, "ngettext": _markup_of_number}


@pass_eval_context
def _markup(context: EvalContext, message: str, /, **values: object) -> str:
    text = gettext(message)
    text = Markup(text) if context.autoescape else text  # noqa: S704 - catalogues are ours
    return text % values if values else text


@pass_eval_context
def _markup_of_number(context: EvalContext, message: str, n: int, /, **values: object) -> str:
    text = catalogue(language()).ngettext(message, message, n)
    text = Markup(text) if context.autoescape else text  # noqa: S704 - catalogues are ours
    return text % {"n": n, "num": n, **values}
