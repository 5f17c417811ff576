"""A message knows the request that enqueued it, so that one id leads from a click to the email server's answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("request_id", sa.Text()))


def downgrade() -> None:
    op.drop_column("outbox", "request_id")
