"""Requests that no page of ours sends, at every public address: none breaks, none costs the database more."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from tests.conftest import Statements
from tests.support.every_route import ACCOUNT_EMAIL, PASSWORD, ROUTES, World, access_of, address, method_of
from web.access import OPTIONAL_SIGN_IN, VISITOR

PUBLIC = [rule for rule in ROUTES if access_of(rule) in {VISITOR, OPTIONAL_SIGN_IN}]
WELL_KNOWN = (
    *(
        "0",
        "-1",
        "2147483648",
        "9" * 30,
        "1e9",
        "NaN",
        "null",
        "[]",
        "{}",
        "%",
        "%00",
        "\0",
        "..",
        "/",
        "//",
        "\\",
        "'",
        '"',
    ),
    *("<script>", "${7*7}", "{{7*7}}", "\ufeff", "\u202e", "\U0010ffff", "ﬁ", "İ", "a\u0301", "👨‍👩‍👧", "x" * 3_000),
    *("a@b", "@", "a@b@c.example", "2026-02-30", "T25:61", "00000000-0000-0000-0000-000000000000", "=1+1"),
)
FIELDS: Mapping[str, str] = {
    "name": "Ann",
    "email": ACCOUNT_EMAIL,
    "phone": "+992900000000",
    "companion_1": "Bek",
    "ticket_type": "1",
    "language": "tg",
    "once": "a.b",
    "source": "poster",
    "consent": "1",
    "wait": "1",
    "password": PASSWORD,
    "code": "000000",
    "next": "/organize/",
    "q": "talks",
    "city": "Dushanbe",
    "series": "italk",
    "page": "2",
    "past": "2",
    "since": "1",
}
"""Valid values of the fields in forms and queries of public pages."""
MANY = 60
words = st.sampled_from(WELL_KNOWN) | st.text(min_size=1, max_size=40)
strange_fields = st.dictionaries(st.sampled_from(sorted(FIELDS)), words, min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rule=st.sampled_from(PUBLIC), fields=strange_fields, word=st.none() | words, place=st.integers(1, 20))
def test_no_public_address_breaks_or_asks_more_for_more_input(
    client: FlaskClient,
    connection: Connection,
    world: World,
    statements: Statements,
    rule: Rule,
    fields: dict[str, str],
    word: str | None,
    place: int,
) -> None:
    path = address(rule, world.values)
    if word is not None and rule.arguments:
        parts = path.split("/")
        parts[1 + place % (len(parts) - 1)] = quote(word, safe="")
        path = "/".join(parts)
    counts = []
    for many in (1, MANY):
        before, browser = connection.begin_nested(), client.application.test_client()
        with statements() as executed:
            browser.open(path, method=method_of(rule), **_request(rule, world, fields, many)).close()
        before.rollback()
        counts.append(len(executed))
    assert counts[1] <= counts[0]


def _request(rule: Rule, world: World, fields: dict[str, str], many: int) -> dict[str, Any]:
    """Return a query and a form, or JSON, with strange fields among valid ones, each strange one `many` times."""
    known = world.bodies.get(rule.endpoint, {})
    if rule.rule.startswith("/api/"):
        return {"json": {**known.get("json", {}), **{name: [word] * many for name, word in fields.items()}}}
    right = {**FIELDS, **known.get("data", {})}
    form = MultiDict(
        [(name, word) for name, word in {**right, **fields}.items() for _ in range(many if name in fields else 1)]
    )
    return {"query_string": form} if method_of(rule) == "GET" else {"query_string": form, "data": form}
