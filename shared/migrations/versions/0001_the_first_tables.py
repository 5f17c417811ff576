"""the first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


TRIGGERS = (
    # The ledger is append-only. A sample organization may be reset, and only whole.
    """
    CREATE FUNCTION keep_scan() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND (
            SELECT o.sample FROM event e JOIN organization o ON o.id = e.organization_id WHERE e.id = OLD.event_id
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'scans are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER keep_scan BEFORE UPDATE OR DELETE ON scan FOR EACH ROW EXECUTE FUNCTION keep_scan()",
    """
    CREATE FUNCTION keep_scans() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'scans are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER keep_scans BEFORE TRUNCATE ON scan FOR EACH STATEMENT EXECUTE FUNCTION keep_scans()",
    # The transaction that wrote a row last, so that a door which polls misses none (shared/door/roster.py).
    """
    CREATE FUNCTION stamp_revision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.revision := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER stamp_revision BEFORE UPDATE ON registration FOR EACH ROW EXECUTE FUNCTION stamp_revision()",
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sample", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("salt", sa.LargeBinary(), server_default=sa.text("uuid_send(gen_random_uuid())"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(name - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(name, '$.* ? (@.type() != \"string\" || @ == \"\")') AND name::text IS NFC NORMALIZED",
            name=op.f("ck_organization_name"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("slug", name=op.f("uq_organization_slug")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="5", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("kind", "subject", "key", name=op.f("uq_outbox_kind_subject_key")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["priority", "due_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "picture",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("sha256 = encode(sha256(content), 'hex')", name=op.f("ck_picture_sha256")),
        sa.CheckConstraint("octet_length(content) <= 300000", name=op.f("ck_picture_content")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_audit_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_audit_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_organization_id_at"), "audit", ["organization_id", "at"], unique=False)
    op.create_table(
        "membership",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'organizer', 'viewer')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_membership_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_membership_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "(title - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(title, '$.* ? (@.type() != \"string\" || @ == \"\")') AND title::text IS NFC NORMALIZED",
            name=op.f("ck_series_title"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_series_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_series_organization_id_slug")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("recap", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("city", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("venue", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("known", sa.Text(), server_default="minute", nullable=False),
        sa.Column("starts_local", sa.DateTime(), nullable=True),
        sa.Column("ends_local", sa.DateTime(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_note", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Text(), server_default="either", nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("confirm_by_mail", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("waiting", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("admit_unlisted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("held_minutes", sa.BigInteger(), server_default="15", nullable=False),
        sa.Column("grace_minutes", sa.BigInteger(), server_default="120", nullable=False),
        sa.Column("doors_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("retention_days", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(known = 'unknown') = (starts_at IS NULL)", name=op.f("ck_event_known_time")),
        sa.CheckConstraint("asks IN ('either', 'email', 'phone', 'both')", name=op.f("ck_event_asks")),
        sa.CheckConstraint("known IN ('minute', 'day', 'about', 'unknown')", name=op.f("ck_event_known")),
        sa.CheckConstraint("state IN ('draft', 'published', 'cancelled')", name=op.f("ck_event_state")),
        sa.CheckConstraint("title <> '{}' AND cardinality(languages) > 0", name=op.f("ck_event_title_given")),
        sa.CheckConstraint(
            "(address - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(address, '$.* ? (@.type() != \"string\" || @ == \"\")') AND address::text IS NFC NORMALIZED",
            name=op.f("ck_event_address"),
        ),
        sa.CheckConstraint(
            "(city - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(city, '$.* ? (@.type() != \"string\" || @ == \"\")') AND city::text IS NFC NORMALIZED",
            name=op.f("ck_event_city"),
        ),
        sa.CheckConstraint(
            "(description - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(description, '$.* ? (@.type() != \"string\" || @ == \"\")') AND description::text IS NFC NORMALIZED",
            name=op.f("ck_event_description"),
        ),
        sa.CheckConstraint(
            "(recap - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(recap, '$.* ? (@.type() != \"string\" || @ == \"\")') AND recap::text IS NFC NORMALIZED",
            name=op.f("ck_event_recap"),
        ),
        sa.CheckConstraint(
            "(starts_local IS NULL) = (starts_at IS NULL) AND (ends_local IS NULL) = (ends_at IS NULL) AND ends_at >= starts_at",
            name=op.f("ck_event_times"),
        ),
        sa.CheckConstraint(
            "(summary - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(summary, '$.* ? (@.type() != \"string\" || @ == \"\")') AND summary::text IS NFC NORMALIZED",
            name=op.f("ck_event_summary"),
        ),
        sa.CheckConstraint(
            "(time_note - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(time_note, '$.* ? (@.type() != \"string\" || @ == \"\")') AND time_note::text IS NFC NORMALIZED",
            name=op.f("ck_event_time_note"),
        ),
        sa.CheckConstraint(
            "(title - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(title, '$.* ? (@.type() != \"string\" || @ == \"\")') AND title::text IS NFC NORMALIZED",
            name=op.f("ck_event_title"),
        ),
        sa.CheckConstraint(
            "(venue - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(venue, '$.* ? (@.type() != \"string\" || @ == \"\")') AND venue::text IS NFC NORMALIZED",
            name=op.f("ck_event_venue"),
        ),
        sa.CheckConstraint(
            "grace_minutes >= 0 AND held_minutes >= 0 AND retention_days > 0", name=op.f("ck_event_spans")
        ),
        sa.CheckConstraint("headcount >= 0", name=op.f("ck_event_headcount")),
        sa.CheckConstraint(
            "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_event_seats")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_event_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_event_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    op.create_index(op.f("ix_event_organization_id_starts_at"), "event", ["organization_id", "starts_at"], unique=False)
    op.create_table(
        "door",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(name - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(name, '$.* ? (@.type() != \"string\" || @ == \"\")') AND name::text IS NFC NORMALIZED",
            name=op.f("ck_door_name"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_door_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door")),
    )
    op.create_index(op.f("ix_door_event_id"), "door", ["event_id"], unique=False)
    op.create_table(
        "event_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("starts_local", sa.DateTime(), nullable=True),
        sa.Column("ends_local", sa.DateTime(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(place - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(place, '$.* ? (@.type() != \"string\" || @ == \"\")') AND place::text IS NFC NORMALIZED",
            name=op.f("ck_event_session_place"),
        ),
        sa.CheckConstraint(
            "(starts_local IS NULL) = (starts_at IS NULL) AND (ends_local IS NULL) = (ends_at IS NULL) AND ends_at >= starts_at",
            name=op.f("ck_event_session_times"),
        ),
        sa.CheckConstraint(
            "(title - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(title, '$.* ? (@.type() != \"string\" || @ == \"\")') AND title::text IS NFC NORMALIZED",
            name=op.f("ck_event_session_title"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_session_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_session")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_event_session_event_id_id")),
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("role", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(name - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(name, '$.* ? (@.type() != \"string\" || @ == \"\")') AND name::text IS NFC NORMALIZED",
            name=op.f("ck_partner_name"),
        ),
        sa.CheckConstraint(
            "(role - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(role, '$.* ? (@.type() != \"string\" || @ == \"\")') AND role::text IS NFC NORMALIZED",
            name=op.f("ck_partner_role"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_partner_event_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["picture"], ["picture.sha256"], name=op.f("fk_partner_picture_picture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    op.create_index(op.f("ix_partner_event_id"), "partner", ["event_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scans", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("link_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_report_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("event_id", "version", name=op.f("uq_report_event_id_version")),
    )
    op.create_table(
        "speaker",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("sample", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(about - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(about, '$.* ? (@.type() != \"string\" || @ == \"\")') AND about::text IS NFC NORMALIZED",
            name=op.f("ck_speaker_about"),
        ),
        sa.CheckConstraint(
            "(name - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(name, '$.* ? (@.type() != \"string\" || @ == \"\")') AND name::text IS NFC NORMALIZED",
            name=op.f("ck_speaker_name"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_speaker_event_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["picture"], ["picture.sha256"], name=op.f("fk_speaker_picture_picture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
    )
    op.create_index(op.f("ix_speaker_event_id"), "speaker", ["event_id"], unique=False)
    op.create_table(
        "ticket_key",
        sa.Column("number", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 16777215", name=op.f("ck_ticket_key_number")),
        sa.CheckConstraint("octet_length(public) = 32", name=op.f("ck_ticket_key_public")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_ticket_key_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket_key")),
        sa.UniqueConstraint("event_id", "version", name=op.f("uq_ticket_key_event_id_version")),
    )
    op.create_table(
        "ticket_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("waiting", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(title - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(title, '$.* ? (@.type() != \"string\" || @ == \"\")') AND title::text IS NFC NORMALIZED",
            name=op.f("ck_ticket_type_title"),
        ),
        sa.CheckConstraint(
            "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_ticket_type_seats")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_ticket_type_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_type")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_ticket_type_event_id_id")),
    )
    op.create_table(
        "admission",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.UUID(), nullable=True),
        sa.Column("first_at", sa.BigInteger(), nullable=True),
        sa.Column("inside", sa.UUID(), nullable=True),
        sa.Column("left", sa.UUID(), nullable=True),
        sa.Column("entries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("conflicts", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint(
            "(first IS NULL) = (first_at IS NULL) AND (first IS NULL) = (entries = 0)", name=op.f("ck_admission_first")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "session_id"],
            ["event_session.event_id", "event_session.id"],
            name=op.f("fk_admission_event_id_session_id_event_session"),
        ),
        sa.PrimaryKeyConstraint("person", "session_id", name=op.f("pk_admission")),
    )
    op.create_index(
        "ix_admission_event",
        "admission",
        ["event_id", "session_id"],
        unique=False,
        postgresql_where=sa.text("first IS NOT NULL"),
    )
    op.create_table(
        "door_pass",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("door_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("phones", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("phones BETWEEN 1 AND 100", name=op.f("ck_door_pass_phones")),
        sa.ForeignKeyConstraint(["door_id"], ["door.id"], name=op.f("fk_door_pass_door_id_door"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_pass")),
    )
    op.create_index(op.f("ix_door_pass_door_id"), "door_pass", ["door_id"], unique=False)
    op.create_table(
        "ticket_type_session",
        sa.Column("ticket_type_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id", "session_id"],
            ["event_session.event_id", "event_session.id"],
            name=op.f("fk_ticket_type_session_event_id_session_id_event_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_ticket_type_session_event_id_ticket_type_id_ticket_type"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_type_id", "session_id", name=op.f("pk_ticket_type_session")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("door_pass_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scans", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("scans >= 0", name=op.f("ck_device_scans")),
        sa.ForeignKeyConstraint(["door_pass_id"], ["door_pass.id"], name=op.f("fk_device_door_pass_id_door_pass")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_index(
        "uq_device_pass_phone",
        "device",
        ["door_pass_id", "phone"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_type_id", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("short_code", sa.Text(), nullable=True),
        sa.Column("walk_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("contact_key", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("qr", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("sent_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revision", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_registration_cancelled_at")
        ),
        sa.CheckConstraint(
            "(state IN ('unconfirmed', 'offered')) = (deadline IS NOT NULL)", name=op.f("ck_registration_deadline")
        ),
        sa.CheckConstraint(
            "cancelled_by IN ('self', 'organizer', 'lapsed')", name=op.f("ck_registration_cancelled_by")
        ),
        sa.CheckConstraint("name <> '' AND name IS NFC NORMALIZED", name=op.f("ck_registration_name")),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("ck_registration_confirmed_at")
        ),
        sa.CheckConstraint(
            "state IN ('unconfirmed', 'confirmed', 'waiting', 'offered', 'cancelled')",
            name=op.f("ck_registration_state"),
        ),
        sa.CheckConstraint("walk_in OR ticket_id ~ '^[0-9a-f]{16}$'", name=op.f("ck_registration_ticket_id")),
        sa.CheckConstraint(
            "host_id IS NOT NULL OR walk_in OR contact_key IS NOT NULL", name=op.f("ck_registration_contact")
        ),
        sa.CheckConstraint("merged_into IS NULL OR walk_in", name=op.f("ck_registration_merged_into")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_registration_device_id_device")),
        sa.ForeignKeyConstraint(
            ["event_id", "host_id"],
            ["registration.event_id", "registration.id"],
            name=op.f("fk_registration_event_id_host_id_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_registration_event_id_ticket_type_id_ticket_type"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_registration_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("event_id", "id", name=op.f("uq_registration_event_id_id")),
        sa.UniqueConstraint("event_id", "short_code", name=op.f("uq_registration_event_id_short_code")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_registration_ticket_id")),
    )
    op.create_index(
        op.f("ix_registration_event_id_name_key"),
        "registration",
        ["event_id", "name_key"],
        unique=False,
        postgresql_ops={"name_key": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_registration_event_id_revision"), "registration", ["event_id", "revision"], unique=False)
    op.create_index(op.f("ix_registration_host_id"), "registration", ["host_id"], unique=False)
    op.create_index(
        op.f("ix_registration_merged_into"),
        "registration",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "uq_registration_live_contact",
        "registration",
        ["event_id", "contact_key"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled' AND host_id IS NULL"),
    )
    op.create_index(
        "uq_registration_once",
        "registration",
        ["event_id", "contact_key", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL AND host_id IS NULL"),
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("undoes", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("standing", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "revision", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text::bigint)"), nullable=False
        ),
        sa.CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name=op.f("ck_scan_undoes")),
        sa.CheckConstraint("kind = 'refused' OR person IS NOT NULL", name=op.f("ck_scan_person")),
        sa.CheckConstraint("kind IN ('in', 'out', 'undo', 'refused')", name=op.f("ck_scan_kind")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_scan_device_id_device")),
        sa.ForeignKeyConstraint(
            ["event_id", "session_id"],
            ["event_session.event_id", "event_session.id"],
            name=op.f("fk_scan_event_id_session_id_event_session"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_scan_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index(op.f("ix_scan_event_id_revision"), "scan", ["event_id", "revision"], unique=False)
    op.create_index(op.f("ix_scan_person_session_id"), "scan", ["person", "session_id"], unique=False)
    op.create_table(
        "shift",
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_shift_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "since", name=op.f("pk_shift")),
    )
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("shift")
    op.drop_index(op.f("ix_scan_person_session_id"), table_name="scan")
    op.drop_index(op.f("ix_scan_event_id_revision"), table_name="scan")
    op.drop_table("scan")
    op.drop_index(
        "uq_registration_once",
        table_name="registration",
        postgresql_where=sa.text("once IS NOT NULL AND host_id IS NULL"),
    )
    op.drop_index(
        "uq_registration_live_contact",
        table_name="registration",
        postgresql_where=sa.text("state <> 'cancelled' AND host_id IS NULL"),
    )
    op.drop_index(
        op.f("ix_registration_merged_into"),
        table_name="registration",
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.drop_index(op.f("ix_registration_host_id"), table_name="registration")
    op.drop_index(op.f("ix_registration_event_id_revision"), table_name="registration")
    op.drop_index(
        op.f("ix_registration_event_id_name_key"),
        table_name="registration",
        postgresql_ops={"name_key": "text_pattern_ops"},
    )
    op.drop_table("registration")
    op.drop_index("uq_device_pass_phone", table_name="device", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_table("device")
    op.drop_table("ticket_type_session")
    op.drop_index(op.f("ix_door_pass_door_id"), table_name="door_pass")
    op.drop_table("door_pass")
    op.drop_index("ix_admission_event", table_name="admission", postgresql_where=sa.text("first IS NOT NULL"))
    op.drop_table("admission")
    op.drop_table("ticket_type")
    op.drop_table("ticket_key")
    op.drop_index(op.f("ix_speaker_event_id"), table_name="speaker")
    op.drop_table("speaker")
    op.drop_table("report")
    op.drop_index(op.f("ix_partner_event_id"), table_name="partner")
    op.drop_table("partner")
    op.drop_table("event_session")
    op.drop_index(op.f("ix_door_event_id"), table_name="door")
    op.drop_table("door")
    op.drop_index(op.f("ix_event_organization_id_starts_at"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_sign_in_account_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("series")
    op.drop_table("membership")
    op.drop_index(op.f("ix_audit_organization_id_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_table("picture")
    op.drop_index(
        "ix_outbox_due", table_name="outbox", postgresql_where=sa.text("finished_at IS NULL AND dead_at IS NULL")
    )
    op.drop_table("outbox")
    op.drop_table("organization")
    op.drop_table("account")
    for name in ("keep_scan", "keep_scans", "stamp_revision"):
        op.execute(f"DROP FUNCTION {name}()")
