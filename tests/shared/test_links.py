"""The web tier answers every address that an email or a code names."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from shared import links

PATHS: dict[str, Callable[[], str]] = {
    "home": lambda: links.home("tg"),
    "event": lambda: links.event("tg", "italk"),
    "sent": lambda: links.sent("tg", "italk"),
    "registration": lambda: links.registration("tg", "1.1.mac"),
    "ticket": lambda: links.ticket("A" * 120),
    "ticket as a picture": lambda: links.ticket("A" * 120, ".png"),
    "event_calendar": lambda: links.event_calendar("italk"),
    "door": lambda: links.door("1.1.mac"),
    "live": lambda: links.live(7),
    "event_report": lambda: links.event_report(7),
    "report": lambda: links.report("1.1.mac"),
    "sign_in": links.sign_in,
    "mailbox": links.mailbox,
}


@pytest.mark.parametrize("name", links.ORGANIZER_PAGES)
def test_a_page_of_organizers_is_a_route(app: Flask, name: str) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert links.ORGANIZER_PAGES[name] in rules


@pytest.mark.parametrize("name", PATHS)
def test_an_address_is_a_page(app: Flask, name: str) -> None:
    path = urlsplit(PATHS[name]()).path
    assert app.url_map.bind("turnout.example").test(path, "GET")


def test_the_form_posts_to_a_served_address(app: Flask) -> None:
    assert app.url_map.bind("turnout.example").test(links.registrations("tg", "italk"), "POST")


def test_a_code_is_upper_case_and_opens_the_ticket_all_the_same(app: Flask) -> None:
    code = links.ticket_code("https://turnout.example", "A" * 120)
    assert code == f"HTTPS://TURNOUT.EXAMPLE/T/{'A' * 120}"
    assert app.url_map.bind("turnout.example").test(urlsplit(code).path, "GET")
