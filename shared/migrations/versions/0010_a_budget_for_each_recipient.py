"""How many emails an address may be sent because of strangers, and which emails do not count: an organizer caused them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("exempt", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "email_budget",
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_email_budget")),
    )


def downgrade() -> None:
    op.drop_table("email_budget")
    op.drop_column("outbox", "exempt")
