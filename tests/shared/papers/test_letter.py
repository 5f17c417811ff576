"""An organizer's text, with the attendee's name in its place."""

import pytest

from shared.papers import letter


@pytest.mark.parametrize(
    "mark", ["{name}", "{имя}", "{ном}", "{Name}", "{ИМЯ}", "{Ном}", "{name }", "{ имя}", "{\u00a0ном  }"]
)
def test_a_mark_is_taken_in_any_case_and_with_blanks(mark: str) -> None:
    text = f"{mark}, hello. https://example.org/a {mark}"
    assert letter.filled(text, "Ҷамшед") == "Ҷамшед, hello. https://example.org/a Ҷамшед"
    [paragraph] = letter.paragraphs(text, "<Ҷ>")
    assert paragraph.startswith("&lt;Ҷ&gt;, hello.")
    assert paragraph.endswith("</a> &lt;Ҷ&gt;")
    assert letter.strays(text) == []


@pytest.mark.parametrize(
    ("text", "strays"),
    [
        ("Hello, {nmae}.", ["{nmae}"]),
        ("{first name} and {nmae} and {nmae}", ["{first name}", "{nmae}"]),
        ("Hello, {name, and {name}", ["{name,"]),
        ("Hello, name}", ["name}"]),
        ("{{name}}", ["{", "}"]),
        ("{\nname}", ["{", "name}"]),
        ("A book: https://example.org/?for={name}", ["https://example.org/?for={name}"]),
        ("Plain [text] (with) https://example.org/a", []),
    ],
)
def test_braces_that_stand_for_nothing_are_found(text: str, strays: list[str]) -> None:
    assert letter.strays(text) == strays


def test_a_name_is_never_read_as_a_mark() -> None:
    assert letter.filled("{name}!", "{ном} {x}") == "{ном} {x}!"
