"""Doors: one phone is one device of its event, a scan names its door, passes for some sessions, settled conflicts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


# A phone that was paired through several passes of an event was several devices, and what those scanned stays so. The
# last one keeps the phone's UUID, so that the next pairing finds it.
DEVICES = (
    """
    UPDATE device SET event_id = door.event_id, stamps_from = door_pass.created_at
    FROM door_pass JOIN door ON door.id = door_pass.door_id WHERE door_pass.id = device.door_pass_id
    """,
    """
    UPDATE device SET scans = (
        SELECT sum(same.scans) FROM device same WHERE same.event_id = device.event_id AND same.phone = device.phone
    )
    WHERE revoked_at IS NULL
    """,
    """
    UPDATE device SET phone = gen_random_uuid() WHERE revoked_at IS NULL AND EXISTS (
        SELECT FROM device later WHERE later.event_id = device.event_id AND later.phone = device.phone
        AND later.revoked_at IS NULL AND later.id > device.id
    )
    """,
)
# The one time that scans are written to again: what was found by way of the pass now stands in the scan itself.
SCANS = (
    "ALTER TABLE scan DISABLE TRIGGER USER",
    """
    UPDATE scan SET door_id = door_pass.door_id
    FROM device JOIN door_pass ON door_pass.id = device.door_pass_id WHERE device.id = scan.device_id
    """,
    "ALTER TABLE scan ENABLE TRIGGER USER",
)


def upgrade() -> None:
    op.create_table(
        "door_pass_session",
        sa.Column("door_pass_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["door_pass_id"],
            ["door_pass.id"],
            name=op.f("fk_door_pass_session_door_pass_id_door_pass"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "session_id"],
            ["event_session.event_id", "event_session.id"],
            name=op.f("fk_door_pass_session_event_id_session_id_event_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("door_pass_id", "session_id", name=op.f("pk_door_pass_session")),
    )
    op.create_table(
        "settlement",
        sa.Column("scan_id", sa.UUID(), nullable=False),
        sa.Column("rival_id", sa.UUID(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("note <> '' AND note IS NFC NORMALIZED", name=op.f("ck_settlement_note")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_settlement_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rival_id"], ["scan.id"], name=op.f("fk_settlement_rival_id_scan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_settlement_scan_id_scan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scan_id", "rival_id", name=op.f("pk_settlement")),
    )
    op.add_column("device", sa.Column("event_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "device", sa.Column("stamps_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    for statement in DEVICES:
        op.execute(statement)
    op.alter_column("device", "event_id", nullable=False)
    op.add_column("device", sa.Column("waiting", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("clock_offset", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("version", sa.Text(), nullable=True))
    op.alter_column("device", "door_pass_id", existing_type=sa.BIGINT(), nullable=True)
    op.alter_column("device", "token_hash", existing_type=postgresql.BYTEA(), nullable=True)
    op.drop_index(op.f("uq_device_pass_phone"), table_name="device", postgresql_where="(revoked_at IS NULL)")
    op.create_index(op.f("ix_device_door_pass_id"), "device", ["door_pass_id"], unique=False)
    op.create_index(
        "uq_device_event_phone",
        "device",
        ["event_id", "phone"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_foreign_key(op.f("fk_device_event_id_event"), "device", "event", ["event_id"], ["id"])
    op.drop_index(op.f("ix_door_event_id"), table_name="door")
    op.create_unique_constraint(op.f("uq_door_event_id_id"), "door", ["event_id", "id"])
    op.add_column("door_pass", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("doors_open_minutes", sa.BigInteger(), server_default="120", nullable=True))
    op.execute("UPDATE event SET doors_open_minutes = NULL")  # nobody was too early so far
    op.add_column("event", sa.Column("reentry", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("event", sa.Column("walk_ins", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_check_constraint(op.f("ck_event_doors_open"), "event", "doors_open_minutes >= 0")
    op.create_check_constraint(op.f("ck_device_token_hash"), "device", "(door_pass_id IS NULL) = (token_hash IS NULL)")
    op.add_column("scan", sa.Column("door_id", sa.BigInteger(), nullable=True))
    for statement in SCANS:
        op.execute(statement)
    op.alter_column("scan", "door_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_scan_event_id_door_id_door"), "scan", "door", ["event_id", "door_id"], ["event_id", "id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_device_token_hash"), "device")
    op.drop_constraint(op.f("ck_event_doors_open"), "event")
    op.drop_constraint(op.f("fk_scan_event_id_door_id_door"), "scan", type_="foreignkey")
    op.drop_column("scan", "door_id")
    op.drop_column("event", "walk_ins")
    op.drop_column("event", "reentry")
    op.drop_column("event", "doors_open_minutes")
    op.drop_column("door_pass", "expires_at")
    op.drop_constraint(op.f("uq_door_event_id_id"), "door", type_="unique")
    op.create_index(op.f("ix_door_event_id"), "door", ["event_id"], unique=False)
    op.drop_constraint(op.f("fk_device_event_id_event"), "device", type_="foreignkey")
    op.drop_index("uq_device_event_phone", table_name="device", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_index(op.f("ix_device_door_pass_id"), table_name="device")
    op.create_index(
        op.f("uq_device_pass_phone"),
        "device",
        ["door_pass_id", "phone"],
        unique=True,
        postgresql_where="(revoked_at IS NULL)",
    )
    op.execute(
        "UPDATE device SET token_hash = uuid_send(gen_random_uuid()), door_pass_id = (SELECT min(p.id) FROM door_pass p JOIN door d ON d.id = p.door_id WHERE d.event_id = device.event_id) WHERE door_pass_id IS NULL"
    )
    op.alter_column("device", "token_hash", existing_type=postgresql.BYTEA(), nullable=False)
    op.alter_column("device", "door_pass_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_column("device", "version")
    op.drop_column("device", "clock_offset")
    op.drop_column("device", "waiting")
    op.drop_column("device", "stamps_from")
    op.drop_column("device", "event_id")
    op.drop_table("settlement")
    op.drop_table("door_pass_session")
