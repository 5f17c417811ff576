"""An event's texts are checked when they are written, not each time that a seat is counted.

PostgreSQL evaluates every CHECK of a row for each update of it: eleven texts were searched for each registration, with
the row locked.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TEXTS = [
    "accessibility",
    "address",
    "bring",
    "cancelled_because",
    "city",
    "description",
    "recap",
    "summary",
    "time_note",
    "title",
    "venue",
]
IS_GOOD = """
    NOT jsonb_path_exists({0}, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{{2,3}}$"))')
    AND NOT jsonb_path_exists({0}, '$.* ? (@.type() != "string" || @ == "")') AND {0}::text IS NFC NORMALIZED
"""


def upgrade() -> None:
    op.execute(f"""
        CREATE FUNCTION check_texts() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            written jsonb := to_jsonb(NEW);
            name text;
        BEGIN
            FOREACH name IN ARRAY TG_ARGV LOOP
                IF NOT ({IS_GOOD.format("(written -> name)")}) THEN
                    RAISE check_violation USING
                        MESSAGE = format('a text of %s is not good: %s', TG_TABLE_NAME, name),
                        CONSTRAINT = format('ck_%s_%s', TG_TABLE_NAME, name), TABLE = TG_TABLE_NAME;
                END IF;
            END LOOP;
            RETURN NEW;
        END $$
    """)
    columns, arguments = ", ".join(TEXTS), ", ".join(f"'{name}'" for name in TEXTS)
    op.execute(f"""
        CREATE TRIGGER check_texts BEFORE INSERT OR UPDATE OF {columns} ON event
        FOR EACH ROW EXECUTE FUNCTION check_texts({arguments})
    """)
    for name in TEXTS:
        op.drop_constraint(op.f(f"ck_event_{name}"), "event", type_="check")


def downgrade() -> None:
    for name in TEXTS:
        op.create_check_constraint(op.f(f"ck_event_{name}"), "event", IS_GOOD.format(name))
    op.execute("DROP TRIGGER check_texts ON event")
    op.execute("DROP FUNCTION check_texts()")
