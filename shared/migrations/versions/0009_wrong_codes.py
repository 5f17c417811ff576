"""Until when wrong codes of a second factor count against an account."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("account", sa.Column("wrong_codes_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("account", "wrong_codes_until")
