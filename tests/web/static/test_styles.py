"""The style sheets: each class and each value is in use."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
HANDED_ON = {"ground"}
"""The class that web/covers.py gives its picture."""


def written(kind: str, *folders: str) -> str:
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob(f"*.{kind}")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def without_comments(sheets: str) -> str:
    return re.sub(r"/\*.*?\*/", "", sheets, flags=re.DOTALL)


SHEETS = without_comments(written("css", "web/static/css"))
OF_THE_DOOR = without_comments(written("css", "web/door/src"))
ROOMS = ("web/account", "web/organizer", "web/visitor")
TEMPLATES = written("html", "web/templates", *ROOMS)
CODE = written("py", *ROOMS, "shared/papers") + "".join(path.read_text() for path in (ROOT / "web").glob("*.py"))


def classes() -> set[str]:
    """Return all classes, also those in an expression, {{ " is-wrong" if error }}, and those that end with one,
    seats-{{ kind }}.
    """
    attributes = re.findall(rf'class="((?:{JINJA}|[^"])*)"', TEMPLATES + CODE)
    attributes += re.findall(r"block body_class %\}(.*?)\{%", TEMPLATES)
    begun = {begin for value in attributes for begin in re.findall(r"([\w-]+-)\{\{", value)}
    ends = re.findall(r"\"(\w+)\"", CODE)
    quoted = re.findall(r"\"([\w -]+)\"|'([\w -]+)'", "".join(re.findall(JINJA, TEMPLATES)))
    plain = [re.sub(rf"[\w-]*(?:{JINJA})", " ", value) for value in attributes] + [a or b for a, b in quoted]
    return {*" ".join(plain).split(), *(begin + end for begin in begun for end in ends)}


def test_each_class_in_a_style_sheet_is_used():
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", " ", SHEETS)))
    assert len(styled) > 100
    assert styled - classes() == HANDED_ON


def test_each_named_value_is_used():
    named = set(re.findall(r"(--[\w-]+):", SHEETS))
    assert named - set(re.findall(r"var\((--[\w-]+)", SHEETS)) == set()


def test_what_is_hidden_stays_hidden_whatever_its_class_is():
    rule = r"\[hidden\]\s*\{\s*display:\s*none\s*!important;?\s*\}"
    assert re.search(rf"(?m)^{rule}", without_comments((ROOT / "web/static/css/site.css").read_text()))
    assert re.search(rf"(?m)^{rule}", OF_THE_DOOR)
    assert TEMPLATES.count("<head>") == 3, "base.html has site.css; bench.html and door.html have door.css"


def test_the_links_between_pages_of_a_list_are_written_once():
    assert TEMPLATES.count('class="pager"') == 1


def test_chrome_before_136_prints_colours_too():
    rules = [body for body in re.findall(r"\{([^{}]*)\}", SHEETS + OF_THE_DOOR) if "print-color-adjust" in body]
    assert rules
    for rule in rules:
        assert sorted(re.findall(r"([\w-]*print-color-adjust): exact", rule)) == [
            "-webkit-print-color-adjust",
            "print-color-adjust",
        ], rule


def test_a_browser_without_has_loses_nothing():
    """Firefox 115 and Chrome 87 pass over each rule with :has, so it may trim, but say nothing that is needed."""
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", SHEETS + OF_THE_DOOR)
    with_has = [(selectors, rule) for selectors, rule in rules if ":has(" in selectors]
    assert with_has
    for selectors, rule in with_has:
        assert not re.search("display: none|visibility|opacity", rule), selectors
        # One selector that is not known makes the whole list void.
        assert all(":has(" in selector for selector in re.split(r",(?![^(]*\))", selectors)), selectors
