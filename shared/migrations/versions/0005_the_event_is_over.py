"""Marks of who was there, initials at the door, acts on one's own account, channels by code, uids of parts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

RENAME_SOURCES = """
    UPDATE registration SET source = channel.{now} FROM channel
    WHERE channel.event_id = registration.event_id AND registration.source = channel.{before}
"""

# Few among many: without an index of their own everybody would be read to find them.
WALK_INS = """
    CREATE INDEX ix_registration_walk_ins ON registration (event_id, name_key text_pattern_ops, id) WHERE walk_in
"""
# The marks that the reports of the events before would have left: HMAC-SHA-256 (RFC 2104) of each contact.
REMEMBER = """
    INSERT INTO visit (event_id, mark, organization_id, at)
    SELECT DISTINCT event.id,
           sha256(CAST(:outer AS bytea) || sha256(CAST(:inner AS bytea) || convert_to(contact_key, 'UTF8'))),
           event.organization_id, event.starts_at
    FROM event
    JOIN registration ON registration.event_id = event.id AND contact_key IS NOT NULL
    JOIN admission ON admission.person = registration.ticket_id AND first IS NOT NULL
    WHERE organization_id = :organization AND NOT private AND starts_at IS NOT NULL
      AND EXISTS (SELECT FROM report WHERE report.event_id = event.id)
"""
# What stood in calendars for the whole event, which had no other part.
ALONE = """
    UPDATE event_session SET plain_uid = true
    WHERE event_id IN (SELECT event_id FROM event_session GROUP BY event_id HAVING count(*) = 1)
"""


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(mark) = 32", name=op.f("ck_visit_mark")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_visit_event_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_visit_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "mark", name=op.f("pk_visit")),
    )
    op.create_index(op.f("ix_visit_organization_id_mark"), "visit", ["organization_id", "mark"])
    op.create_index(op.f("ix_visit_at"), "visit", ["at"])
    op.execute(WALK_INS)
    op.create_unique_constraint(op.f("uq_series_organization_id_id"), "series", ["organization_id", "id"])
    op.drop_constraint(op.f("fk_event_series_id_series"), "event", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_event_organization_id_series_id_series"),
        "event",
        "series",
        ["organization_id", "series_id"],
        ["organization_id", "id"],
    )
    op.add_column("event", sa.Column("initials", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "event_session", sa.Column("plain_uid", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.execute(ALONE)
    _remember()
    op.alter_column("audit", "organization_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(op.f("ix_audit_account_id_at"), "audit", ["account_id", "at"])
    op.create_check_constraint(op.f("ck_audit_whose"), "audit", "organization_id IS NOT NULL OR account_id IS NOT NULL")
    op.execute(RENAME_SOURCES.format(before="name", now="code"))


def downgrade() -> None:
    op.execute(RENAME_SOURCES.format(before="code", now="name"))
    op.drop_constraint(op.f("ck_audit_whose"), "audit")
    op.drop_index(op.f("ix_audit_account_id_at"), table_name="audit")
    # The audit is append-only; only going back takes away what the table before had no room for.
    op.execute("ALTER TABLE audit DISABLE TRIGGER keep_audit")
    op.execute("DELETE FROM audit WHERE organization_id IS NULL")
    op.execute("ALTER TABLE audit ENABLE TRIGGER keep_audit")
    op.alter_column("audit", "organization_id", existing_type=sa.BIGINT(), nullable=False)
    op.execute("DROP INDEX ix_registration_walk_ins")
    op.drop_column("event_session", "plain_uid")
    op.drop_column("event", "initials")
    op.drop_constraint(op.f("fk_event_organization_id_series_id_series"), "event", type_="foreignkey")
    op.create_foreign_key(op.f("fk_event_series_id_series"), "event", "series", ["series_id"], ["id"])
    op.drop_constraint(op.f("uq_series_organization_id_id"), "series", type_="unique")
    op.drop_table("visit")


def _remember() -> None:
    connection = op.get_bind()
    salted = connection.execute(sa.text("SELECT id, salt FROM organization WHERE salt IS NOT NULL")).all()
    for organization, salt in salted:
        key = HKDF(SHA256(), 32, None, b"turnout returning").derive(bytes(salt)).ljust(64, b"\0")
        pads = {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}
        connection.execute(sa.text(REMEMBER), {"organization": organization, **pads})
