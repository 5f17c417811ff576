"""Second factors, invitations, mailings, channels, the audit of who did what, and whether parts are alive."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


KEEP_AUDIT = (
    # Who did what stays as it was written. A sample organization may be removed, and only whole.
    """
    CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND (SELECT sample FROM organization WHERE id = OLD.organization_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit()",
    "CREATE TRIGGER keep_audits BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()",
)


# What the list of people is found by: a page of it, words of a name, the start of an address, the end of a number.
# And what the evening is counted by: refusals by reason, arrivals by door. And how far a mailing is, and what failed.
LIST_INDEXES = (
    "DROP INDEX ix_registration_event_id_name_key",
    """
    CREATE INDEX ix_registration_list ON registration (event_id, name_key text_pattern_ops, id)
    INCLUDE (ticket_id, state, ticket_type_id, language, source, walk_in)
    """,
    "CREATE INDEX ix_registration_words ON registration USING gin (array_to_tsvector(string_to_array(name_key, ' ')))",
    "CREATE INDEX ix_registration_email ON registration (event_id, email text_pattern_ops)",
    "CREATE INDEX ix_registration_phone ON registration (event_id, reverse(phone) text_pattern_ops)",
    "CREATE INDEX ix_scan_told_apart ON scan (event_id, reason) WHERE kind = 'refused' OR reason = 'paper'",
    "CREATE INDEX ix_outbox_mailing ON outbox (key) WHERE kind = 'mailing'",
    "CREATE INDEX ix_outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL",
    "CREATE INDEX ix_scan_doors ON scan (event_id, at) INCLUDE (door_id) WHERE kind = 'in' AND standing",
)


def upgrade() -> None:
    for statement in LIST_INDEXES:
        op.execute(statement)
    op.create_table(
        "pulse",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_pulse")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('owner', 'organizer', 'viewer')", name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["account.id"], name=op.f("fk_invitation_invited_by_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_invitation_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["organization_id", "email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9]{4,12}$'", name=op.f("ck_channel_code")),
        sa.CheckConstraint("name <> '' AND name IS NFC NORMALIZED", name=op.f("ck_channel_name")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_channel_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_index(op.f("ix_channel_event_id"), "channel", ["event_id"], unique=False)
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "audience IN ('everybody', 'confirmed', 'waiting', 'came', 'did_not_come')",
            name=op.f("ck_mailing_audience"),
        ),
        sa.CheckConstraint(
            "(body - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(body, '$.* ? (@.type() != \"string\" || @ == \"\")') AND body::text IS NFC NORMALIZED",
            name=op.f("ck_mailing_body"),
        ),
        sa.CheckConstraint(
            "(subject - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(subject, '$.* ? (@.type() != \"string\" || @ == \"\")') AND subject::text IS NFC NORMALIZED",
            name=op.f("ck_mailing_subject"),
        ),
        sa.CheckConstraint("started_at IS NULL OR due_at IS NOT NULL", name=op.f("ck_mailing_started_at")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mailing_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_mailing_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
    )
    op.create_index(op.f("ix_mailing_event_id"), "mailing", ["event_id"], unique=False)
    op.add_column("account", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("event_id", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("registration_id", sa.BigInteger(), nullable=True))
    op.alter_column("audit", "organization_id", existing_type=sa.BIGINT(), nullable=False)
    op.create_index(op.f("ix_audit_event_id_at"), "audit", ["event_id", "at"], unique=False)
    op.create_index(op.f("ix_audit_registration_id_at"), "audit", ["registration_id", "at"], unique=False)
    op.drop_constraint(op.f("fk_audit_account_id_account"), "audit", type_="foreignkey")
    op.drop_column("audit", "subject")
    op.create_index("ix_admission_conflicts", "admission", ["event_id"], postgresql_where=sa.text("conflicts <> '[]'"))
    for statement in KEEP_AUDIT:
        op.execute(statement)
    op.add_column("event", sa.Column("picture", sa.Text(), nullable=True))
    op.add_column("event", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("event", sa.Column("screen_version", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column(
        "event", sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.create_foreign_key(op.f("fk_event_picture_picture"), "event", "picture", ["picture"], ["sha256"])
    op.add_column(
        "sign_in", sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )


def downgrade() -> None:
    for name in ("scan_told_apart", "scan_doors", "outbox_mailing", "outbox_dead"):
        op.execute(f"DROP INDEX ix_{name}")
    for name in ("phone", "email", "words", "list"):
        op.execute(f"DROP INDEX ix_registration_{name}")
    op.execute("CREATE INDEX ix_registration_event_id_name_key ON registration (event_id, name_key text_pattern_ops)")
    op.drop_index("ix_admission_conflicts", table_name="admission")
    op.execute("DROP TRIGGER keep_audits ON audit")
    op.execute("DROP TRIGGER keep_audit ON audit")
    op.execute("DROP FUNCTION keep_audit()")
    op.drop_column("sign_in", "seen_at")
    op.drop_constraint(op.f("fk_event_picture_picture"), "event", type_="foreignkey")
    op.drop_column("event", "updated_at")
    op.drop_column("event", "screen_version")
    op.drop_column("event", "version")
    op.drop_column("event", "picture")
    op.add_column("audit", sa.Column("subject", sa.TEXT(), server_default="", nullable=False))
    op.alter_column("audit", "subject", server_default=None)
    op.execute("UPDATE audit SET account_id = NULL WHERE account_id NOT IN (SELECT id FROM account)")
    op.create_foreign_key(
        op.f("fk_audit_account_id_account"), "audit", "account", ["account_id"], ["id"], ondelete="SET NULL"
    )
    op.drop_index(op.f("ix_audit_registration_id_at"), table_name="audit")
    op.drop_index(op.f("ix_audit_event_id_at"), table_name="audit")
    op.alter_column("audit", "organization_id", existing_type=sa.BIGINT(), nullable=True)
    op.drop_column("audit", "registration_id")
    op.drop_column("audit", "event_id")
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_since")
    op.drop_column("account", "totp_secret")
    op.drop_column("account", "version")
    op.drop_index(op.f("ix_mailing_event_id"), table_name="mailing")
    op.drop_table("mailing")
    op.drop_index(op.f("ix_channel_event_id"), table_name="channel")
    op.drop_table("channel")
    op.drop_table("recovery_code")
    op.drop_index(
        "uq_invitation_open",
        table_name="invitation",
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_table("invitation")
    op.drop_table("pulse")
