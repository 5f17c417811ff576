"""Which registrations came from a network that had had its share of the event, and wait to be confirmed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("registration", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_registration_held", "registration", ["event_id"], postgresql_where=sa.text("held"))


def downgrade() -> None:
    op.drop_index("ix_registration_held", "registration")
    op.drop_column("registration", "held")
