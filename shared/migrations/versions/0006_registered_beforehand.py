"""Who of those let in had registered beforehand, kept with the admission; the few without a place, in an index; the
source of companions; the link of a count by hand.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WITHOUT_PLACE = """
    CREATE INDEX ix_registration_without_place ON registration (event_id, ticket_id)
    WHERE state IN ('waiting', 'cancelled') AND NOT walk_in
"""
REGISTERED = """
    UPDATE admission SET registered = true FROM registration
    WHERE ticket_id = person AND registration.event_id = admission.event_id AND NOT walk_in
"""
# Whom somebody brings along heard of it where they did.
SOURCES = """
    UPDATE registration AS companion SET source = host.source FROM registration AS host
    WHERE companion.host_id = host.id AND companion.source IS NULL AND host.source IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("admission", sa.Column("registered", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(REGISTERED)
    op.execute(WITHOUT_PLACE)
    op.execute(SOURCES)
    op.add_column("event", sa.Column("headcount_version", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("event", "headcount_version")
    op.execute("DROP INDEX ix_registration_without_place")
    op.drop_column("admission", "registered")
