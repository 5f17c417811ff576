"""How often a registration was moved to another ticket type, so that calendars can follow; what a report was compiled
from beside its scans; when a mail was handed to the mail server.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("registration", sa.Column("moves", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("handed_at", sa.DateTime(timezone=True)))
    op.add_column("report", sa.Column("basis", JSONB()))


def downgrade() -> None:
    op.drop_column("report", "basis")
    op.drop_column("outbox", "handed_at")
    op.drop_column("registration", "moves")
