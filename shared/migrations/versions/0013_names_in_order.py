"""Names stand by the Tajik alphabet, which holds the Russian one; and more spellings of a name are one for a search."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.i18n import search_key

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BATCH = 5_000
ALPHABET = "аәбвгґғдеєёжзиӣіїйкқлмнңоөпрстуӯўүұфхҳһцчҷҗшщъыьэюя"
"""Tajik with the Russian ц щ ы ь, and what the neighbours write beside them; web/door/src/lib/names.ts has it, too."""
FIRST_PLACE = 0xE000
"""Of Unicode's private use: no name holds one (a form refuses it), and Latin letters come before."""
PLACES = "".join(map(chr, range(FIRST_PLACE, FIRST_PLACE + len(ALPHABET))))
BETWEEN = "-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}"
LEFT_OUT = "'`\N{ACUTE ACCENT}‘’\N{MODIFIER LETTER APOSTROPHE}\N{MODIFIER LETTER TURNED COMMA}\"«»“”„.,()"

# Case is in the table, since what lower() knows of Cyrillic depends on the locale that the database was made with.
ORDER = f"""
    CREATE FUNCTION name_order(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(regexp_replace(normalize(translate(
        name,
        $${ALPHABET}{ALPHABET.upper()}{BETWEEN}{LEFT_OUT}$$,
        '{PLACES}{PLACES}{" " * len(BETWEEN)}'
    ), NFD), '[\\u0300-\\u036f]+', '', 'g') COLLATE "C")
"""
NAMES = sa.text("SELECT id, name FROM registration WHERE id > :last ORDER BY id LIMIT :batch")
FOLD = sa.text("""
    UPDATE registration SET name_key = folded.key
    FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[])) AS folded (id, key)
    WHERE registration.id = folded.id AND name_key <> folded.key
""")
EVENTS = sa.text("""
    SELECT event.id, jsonb_path_query_array(jsonb_build_array(title, city), '$[*].*') AS words,
           jsonb_path_query_array(coalesce(jsonb_agg(speaker.name) FILTER (WHERE speaker.id IS NOT NULL), '[]'),
                                  '$[*].*') AS speakers
    FROM event LEFT JOIN speaker ON speaker.event_id = event.id GROUP BY event.id
""")
INCLUDED = ["ticket_id", "state", "ticket_type_id", "language", "source", "walk_in"]


def upgrade() -> None:
    # Folding takes Python seconds, so it is done before the first lock; under it, only of what was written meanwhile.
    key_of = cache(search_key)
    for text in texts(op.get_bind()):
        key_of(text)
    # Indexes are dropped first and made last: rows are then written once, and whoever registers meanwhile waits once.
    for name in ("ix_registration_list", "ix_registration_walk_ins"):
        op.drop_index(name, "registration")
    fold_names(op.get_bind(), key_of)
    fold_events(op.get_bind(), key_of)
    op.execute(sa.text(ORDER.replace(":", r"\:")))
    order = sa.Computed("name_order(name)", persisted=True)
    op.add_column("registration", sa.Column("name_order", sa.Text(collation="C"), order, nullable=False))
    ordered = ["event_id", "name_order", "id"]
    op.create_index("ix_registration_list", "registration", ordered, postgresql_include=INCLUDED)
    op.create_index("ix_registration_walk_ins", "registration", ordered, postgresql_where=sa.text("walk_in"))
    op.create_index(op.f("ix_registration_event_id_name_key"), "registration", ["event_id", "name_key"])


def texts(connection: sa.Connection) -> list[str]:
    """Return what there is to fold."""
    names = connection.scalars(sa.text("SELECT DISTINCT name FROM registration")).all()
    return [*names, *(words_of(event) for event in connection.execute(EVENTS))]


def fold_names(connection: sa.Connection, key_of: Callable[[str], str]) -> None:
    """Return the keys of names; doors hear of those that changed, since two people may now have one name."""
    last = 0
    while rows := connection.execute(NAMES, {"last": last, "batch": BATCH}).all():
        keys = [key_of(row.name) for row in rows]
        connection.execute(FOLD, {"ids": [row.id for row in rows], "keys": keys})
        last = rows[-1].id


def fold_events(connection: sa.Connection, key_of: Callable[[str], str]) -> None:
    """Titles, cities and speakers."""
    for event in connection.execute(EVENTS).all():
        changed = {"id": event.id, "key": key_of(words_of(event))}
        connection.execute(sa.text("UPDATE event SET search_key = :key WHERE id = :id AND search_key <> :key"), changed)


def words_of(event: sa.Row[Any]) -> str:
    """Return the words that an event is found by."""
    return " ".join([*event.words, *event.speakers])


def downgrade() -> None:
    for name in ("ix_registration_list", "ix_registration_walk_ins", "ix_registration_event_id_name_key"):
        op.drop_index(name, "registration")
    op.drop_column("registration", "name_order")
    op.execute("DROP FUNCTION name_order(text)")
    keyed, bytewise = ["event_id", "name_key", "id"], {"name_key": "text_pattern_ops"}
    op.create_index("ix_registration_list", "registration", keyed, postgresql_ops=bytewise, postgresql_include=INCLUDED)
    op.create_index(
        "ix_registration_walk_ins", "registration", keyed, postgresql_ops=bytewise, postgresql_where=sa.text("walk_in")
    )
