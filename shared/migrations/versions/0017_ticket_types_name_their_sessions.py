"""Each ticket type names the sessions that it admits to: until now, one that named none admitted to all."""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("""
        INSERT INTO ticket_type_session (ticket_type_id, session_id, event_id)
        SELECT ticket_type.id, event_session.id, ticket_type.event_id
        FROM ticket_type JOIN event_session USING (event_id)
        WHERE NOT EXISTS (SELECT FROM ticket_type_session WHERE ticket_type_id = ticket_type.id)
    """)


def downgrade() -> None:
    """Leave the rows: the code of before reads them as it did."""
