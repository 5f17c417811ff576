"""The index that a search for a name reads has the event before each word, so that a search reads one event's people.

Code of before searches without an index of its own until it is restarted, through all people of the event. Writes of
registrations wait while the index is made: 3 s for a million.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Not strict, since string_to_array is not: PostgreSQL would call the function for each row instead of opening it.
WORDS = """
    CREATE FUNCTION name_words(event_id bigint, name_key text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(string_to_array(
        CAST(event_id AS text) || '/' || replace(name_key, ' ', ' ' || CAST(event_id AS text) || '/'), ' '
    ))
"""
OF_EVENT = "name_words(event_id, name_key)"
OF_ALL = "array_to_tsvector(string_to_array(name_key, ' '))"


def upgrade() -> None:
    op.execute(WORDS)
    op.create_index("ix_registration_event_words", "registration", [sa.text(OF_EVENT)], postgresql_using="gin")
    op.drop_index("ix_registration_words", "registration")


def downgrade() -> None:
    op.create_index("ix_registration_words", "registration", [sa.text(OF_ALL)], postgresql_using="gin")
    op.drop_index("ix_registration_event_words", "registration")
    op.execute("DROP FUNCTION name_words")
