"""A text in several languages may be in any: its keys are codes, and which of them are spoken the application knows.

Each table is read once under its lock to see that its rows hold. The longest of them has a row for each event.
"""

from collections.abc import Mapping, Sequence

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

EVENT = "accessibility address bring cancelled_because city description recap summary time_note title venue"
TEXTS: Mapping[str, str] = {
    "organization": "name",
    "series": "title",
    "event": EVENT,
    "door": "name",
    "event_session": "place title",
    "mailing": "body subject",
    "partner": "name role",
    "speaker": "about name",
    "ticket_type": "title",
    "question": "hint label",
}
ANY = """NOT jsonb_path_exists({0}, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{{2,3}}$"))')"""
OURS = "({0} - 'en' - 'ru' - 'tg') = '{{}}'"
STRINGS = """NOT jsonb_path_exists({0}, '$.* ? (@.type() != "string" || @ == "")') AND {0}::text IS NFC NORMALIZED"""


def upgrade() -> None:
    _check_keys(ANY)


def downgrade() -> None:
    _check_keys(OURS)


def _check_keys(keys: str) -> None:
    for table, columns in TEXTS.items():
        for column in columns.split():
            name = op.f(f"ck_{table}_{column}")
            op.drop_constraint(name, table, type_="check")
            op.create_check_constraint(name, table, f"{keys} AND {STRINGS}".format(column))
