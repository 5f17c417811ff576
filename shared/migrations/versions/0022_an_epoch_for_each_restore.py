"""The epoch that a phone's cursor names, so that a phone learns everything anew after a restore."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("is_only", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("value", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("ck_epoch_is_only")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_epoch")),
    )
    op.execute("INSERT INTO epoch DEFAULT VALUES")


def downgrade() -> None:
    op.drop_table("epoch")
