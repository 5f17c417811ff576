"""An event's page in each state."""

import re
from datetime import UTC, datetime

import pytest

from shared.config import LANGUAGES
from shared.models import EventSession, Partner, TicketType
from tests.factories import make_event, make_picture, make_registration
from tests.web.conftest import CITY, page_of


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_event_shows_everything_in_each_language(client, workshop, lang):
    page = page_of(client, f"/{lang}/e/workshop")
    title = {"en": "A workshop", "ru": "Мастерская", "tg": "Устохона"}[lang]
    assert re.search(rf"<h1[^>]*>{title}</h1>", page)
    for text in ("Толори «Авесто»", "Спикер 0", "Partner", "Hall", "Day 1", "Day 2", 'name="once"', 'id="register"'):
        assert text in page
    assert page.count('rel="alternate" hreflang=') == len(LANGUAGES) + 1
    assert 'hreflang="x-default" href="http://127.0.0.1:8000/ru/e/workshop"' in page
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/{lang}/e/workshop">' in page


def test_a_text_without_a_translation_is_shown_and_marked(client, workshop):
    page = page_of(client, "/en/e/workshop")
    assert '<div class="prose" lang="ru">' in page
    assert '<span lang="tg">Толори «Авесто»</span>' in page
    assert "Not translated yet" in page


def test_an_organizers_text_is_escaped(client, workshop):
    assert "&lt;b&gt;ноутбук&lt;/b&gt;" in page_of(client, "/ru/e/workshop")


def test_invented_people_are_marked(client, workshop):
    people = page_of(client, "/en/e/workshop").split('id="speakers"')[1]
    marked = [item for item in people.split("<li>")[1:4] if 'class="sample"' in item]
    assert len(marked) == 1
    assert "Спикер 1" in marked[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_practical_information_is_shown(client, db, lang):
    bring = {"en": "A notebook", "ru": "Тетрадь", "tg": "Дафтар"}
    event = make_event(
        db, bring=bring, accessibility={"en": "A <ramp>"}, spoken=["tg", "uz", "xx"], contact="ask@example.org"
    )
    page = page_of(client, f"/{lang}/e/{event.slug}")
    languages = {"en": "Tajik, Uzbek, xx", "ru": "таджикский, узбекский, xx", "tg": "тоҷикӣ, ӯзбекӣ, xx"}
    for text in (bring[lang], "A &lt;ramp&gt;", languages[lang], 'href="mailto:ask@example.org"'):
        assert text in page
    assert ('<span lang="en">A &lt;ramp&gt;</span>' in page) is (lang != "en")


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("ask@example.org", "mailto:ask@example.org"),
        ("+992 93 123-45-67", "tel:+992931234567"),
        ("https://t.me/peshraft", "https://t.me/peshraft"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("a@b.org?bcc=c@d.org", None),
        ("@peshraft in Telegram", None),
        ("https://[", None),
    ],
)
def test_only_a_safe_contact_becomes_a_link(client, db, contact, address):
    page = page_of(client, f"/en/e/{make_event(db, contact=contact).slug}")
    match = re.search(r"<dt>Questions\?</dt><dd>(?:<a href=\"([^\"]*)\")?", page)
    assert match
    assert match[1] == address


@pytest.mark.parametrize(
    ("link", "is_shown"),
    [("https://maps.example.org/1", True), ("http://maps.example.org/1", False), ("javascript:alert(1)", False)],
)
def test_a_map_is_linked_over_https_only(client, db, link, is_shown):
    page = page_of(client, f"/en/e/{make_event(db, city=CITY, map_link=link).slug}")
    assert (f'href="{link}" rel="noopener"' in page) is is_shown
    assert "javascript:" not in page


def test_one_session_is_a_programme_only_if_it_has_a_name(client, db):
    named, bare = make_event(db, sessions=[EventSession(title={"en": "Walk"})]), make_event(db)
    assert "Walk" in page_of(client, f"/en/e/{named.slug}").split('id="programme"')[1]
    assert 'id="programme"' not in page_of(client, f"/en/e/{bare.slug}")


def test_a_partners_logo_replaces_its_name_and_keeps_its_link(client, db):
    logo = make_picture(db, size=(600, 200))
    hosts = [
        Partner(name={"en": "Library", "tg": "Китобхона"}, role={"en": "Hall"}, link="https://library.example"),
        Partner(name={"en": "Bakery"}, role={"en": "Hall"}, picture=logo, link="https://bakery.example"),
        Partner(name={"tg": "Чойхона"}, role={"en": "Hall"}, picture=logo, link="javascript:alert(1)"),
    ]
    event = make_event(db, partners=hosts)
    page = page_of(client, f"/en/e/{event.slug}").split('id="partners"')[1].split("</ul>")[0]
    first, second = re.findall(r"<img [^>]+>", page)
    assert f'src="/img/{logo}/logo" alt="Bakery" loading="lazy"' in first
    assert 'alt="Чойхона" lang="tg"' in second
    assert re.findall(r'href="([^"]+)"', page) == ["https://bakery.example", "https://library.example"]
    words = re.sub(r"<[^>]+>", "", page)
    assert "Library" in words
    assert "Bakery" not in words


def test_partners_are_grouped_by_role(client, db):
    event = make_event(db)
    for name, role in (("A", "Hall"), ("B", "Tea"), ("C", "Hall")):
        db.add(Partner(event_id=event.id, name={"en": f"Partner {name}"}, role={"en": role}, link="javascript:x"))
    db.flush()
    page = page_of(client, f"/en/e/{event.slug}").split('id="partners"')[1].split("</ul>")[0]
    assert re.findall(r"Hall|Tea|Partner .", page) == ["Hall", "Partner A", "Partner C", "Tea", "Partner B"]
    assert "href" not in page


def test_an_event_without_venue_speakers_or_texts_is_shown(client, db):
    bare = make_event(db, title={"tg": "Гуфтугӯ"}, languages=["tg"])
    assert '<span lang="tg">Гуфтугӯ</span>' in page_of(client, f"/en/e/{bare.slug}")


@pytest.mark.parametrize(
    ("change", "words", "has_form"),
    [
        ({"capacity": 40}, "40 seats left", True),
        ({"capacity": 3}, "Only 3 seats left", True),
        ({"capacity": 1}, "Only 1 seat left", True),
        ({}, "Registration is open", True),
        ({"capacity": 0, "waiting_list": False}, "All seats are taken.", False),
        ({"capacity": 0}, "You can join the waiting list", True),
        ({"capacity": 0, "confirm_by_mail": True}, "Registration is open", True),
        (
            {"opens_at": datetime(2090, 1, 1, 4, tzinfo=UTC)},
            "Registration opens: Sunday 1 January 2090, 09:00, Dushanbe time.",
            False,
        ),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "Registration is closed.", False),
        ({"state": "cancelled"}, "This event is cancelled.", False),
        ({"state": "cancelled", "cancelled_because": {"en": "The hall is flooded."}}, "The hall is flooded.", False),
    ],
)  # fmt: skip
def test_an_upcoming_event_shows_whether_registration_is_open(client, db, change, words, has_form):
    event = make_event(db, **change)
    page = page_of(client, f"/en/e/{event.slug}")
    assert words in page
    assert ("<form" in page) is has_form
    assert ('class="button" href="#register"' in page) is has_form


def test_closed_doors_are_not_offered_to_visitors(client, db):
    event = make_event(db, closes_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert "You can still come" in page_of(client, f"/en/e/{event.slug}")
    event.doors_closed_at = datetime(2026, 1, 1, tzinfo=UTC)
    db.flush()
    page = page_of(client, f"/en/e/{event.slug}")
    assert "Registration is closed." in page
    assert "You can still come" not in page


def test_a_full_event_gives_advice(client, db):
    event = make_event(db, capacity=1, held_minutes=20, waiting_list=False)
    make_registration(db, event)
    assert "20 minutes after the start" in page_of(client, f"/en/e/{event.slug}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"known": "day"}, "Wednesday 7 October"),
        ({"known": "about"}, "October 2026, day unknown"),
        ({"known": "unknown", "starts_local": None, "ends_local": None}, "Date not recorded"),
        ({"headcount": 22}, "22 people came (headcount)"),
        ({}, "Attendance not recorded"),
        ({"recap": {"en": "It was warm."}}, "It was warm."),
    ],
)
def test_a_past_event_shows_what_is_known(client, db, change, words):
    event = make_event(db, starts_at=datetime(2026, 10, 7, 13, tzinfo=UTC), **change)
    page = page_of(client, f"/en/e/{event.slug}")
    assert words in page
    assert "<form" not in page


def test_only_addresses_in_an_organizers_text_become_links(client, db):
    text = 'Photos (https://example.org/a?b=1&c=2).\n\n<b>x</b> javascript:alert(1) http://x"on="y {name}'
    event = make_event(
        db, starts_at=datetime(2026, 10, 7, 13, tzinfo=UTC), recap={"en": text}, description={"en": text}
    )
    page = page_of(client, f"/en/e/{event.slug}")
    rel = 'rel="nofollow ugc noopener"'
    linked = f'<p>Photos (<a href="https://example.org/a?b=1&amp;c=2" {rel}>https://example.org/a?b=1&amp;c=2</a>).</p>'
    inert = f'&lt;b&gt;x&lt;/b&gt; javascript:alert(1) <a href="http://x" {rel}>http://x</a>&#34;on=&#34;y {{name}}</p>'
    assert (page.count(linked), page.count(inert)) == (2, 2)


def test_ticket_types_can_be_chosen_while_there_are_seats(client, db):
    ticket_types = [
        TicketType(title={"en": "Participant"}, capacity=5),
        TicketType(title={"en": "Listener"}, capacity=0),
    ]
    page = page_of(client, f"/en/e/{make_event(db, ticket_types=ticket_types, waiting_list=False).slug}")
    first, second = re.findall(r'<input type="radio"[^>]*>', page)
    assert "disabled" not in first
    assert "disabled" in second


@pytest.mark.parametrize(
    ("asks", "email", "phone"),
    [("either", False, False), ("email", True, None), ("phone", None, True), ("both", True, True)],
)
def test_the_form_asks_for_what_the_event_asks(client, db, asks, email, phone):
    page = page_of(client, f"/en/e/{make_event(db, asks=asks).slug}")
    for name, is_needed in (("email", email), ("phone", phone)):
        match = re.search(rf'<input id="{name}"[^>]*>', page)
        assert (None if match is None else "required" in match[0]) is is_needed


def test_the_event_page_shows_this_browsers_registration(client, db):
    public, private = make_event(db), make_event(db, private=True)
    for event in (public, private):
        form = {"name": "Манижа", "email": "manizha@example.org"}
        assert client.post(f"/en/e/{event.slug}/registrations", data=form).status_code == 303
    match = re.search(r'id="yours".*?href="([^"]*)"', page_of(client, f"/en/e/{public.slug}"), re.DOTALL)
    assert match
    assert "Манижа" in page_of(client, match[1])
    assert 'id="yours"' not in page_of(client, f"/en/e/{private.slug}")
