"""A form of a page, as a browser would send it untouched."""

from collections.abc import Iterator
from html.parser import HTMLParser


class _Forms(HTMLParser):
    """The fields of the form with one action."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.is_there = action, False, False
        self.fields: dict[str, str] = {}
        self.writing = self.choosing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        if tag == "form":
            self.inside = attributes.get("action") == self.action and not self.is_there
            self.is_there = self.is_there or self.inside
        if not self.inside:
            return
        if tag == "textarea":
            self.writing, self.fields[name] = name, ""
        if tag == "select":
            self.choosing = name
        if tag == "option" and (self.choosing not in self.fields or "selected" in attributes):
            self.fields[self.choosing] = value
        is_sent = "checked" in attributes or attributes.get("type") not in {"checkbox", "radio"}
        if tag == "input" and name and is_sent:
            self.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        self.writing = "" if tag == "textarea" else self.writing
        self.inside = self.inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.fields[self.writing] += data


def form_in(page: str, action: str) -> dict[str, str]:
    """Return the fields of the first form that is sent to `action`; a line break at the start of a text is the page's
    own.
    """
    forms = _Forms(action)
    forms.feed(page)
    assert forms.is_there, f"no form is sent to {action}"
    return dict(_without_first_break(forms.fields))


def _without_first_break(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        yield name, value.removeprefix("\n")
