"""Questions and answers, consent word for word, unsubscriptions, and what a visitor needs to know of an event."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.i18n import search_key

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


NEW_TEXTS = ("bring", "accessibility", "cancelled_because")


def upgrade() -> None:
    op.create_table(
        "consent_wording",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", "language", name=op.f("pk_consent_wording")),
    )
    op.create_table(
        "unsubscription",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_unsubscription_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "contact_key", name=op.f("pk_unsubscription")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_type_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hint", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(kind IN ('one', 'several')) = (jsonb_array_length(options) > 0)", name=op.f("ck_question_options")
        ),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name=op.f("ck_question_key")),
        sa.CheckConstraint(
            "kind IN ('short', 'long', 'one', 'several', 'yes_no', 'number', 'date')", name=op.f("ck_question_kind")
        ),
        sa.CheckConstraint(
            "(hint - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(hint, '$.* ? (@.type() != \"string\" || @ == \"\")') AND hint::text IS NFC NORMALIZED",
            name=op.f("ck_question_hint"),
        ),
        sa.CheckConstraint(
            "(label - 'en' - 'ru' - 'tg') = '{}' AND NOT jsonb_path_exists(label, '$.* ? (@.type() != \"string\" || @ == \"\")') AND label::text IS NFC NORMALIZED",
            name=op.f("ck_question_label"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type_id"],
            ["ticket_type.event_id", "ticket_type.id"],
            name=op.f("fk_question_event_id_ticket_type_id_ticket_type"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_question_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("event_id", "key", name=op.f("uq_question_event_id_key")),
    )
    op.add_column("event", sa.Column("map_link", sa.Text(), nullable=True))
    op.add_column(
        "event", sa.Column("bring", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column(
        "event",
        sa.Column("accessibility", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("event", sa.Column("spoken", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("event", sa.Column("contact", sa.Text(), nullable=True))
    op.add_column(
        "event",
        sa.Column("cancelled_because", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("event", sa.Column("search_key", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("waiting_list", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("event", sa.Column("reminders", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column(
        "registration",
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    for name in NEW_TEXTS:
        op.create_check_constraint(
            op.f(f"ck_event_{name}"),
            "event",
            f"({name} - 'en' - 'ru' - 'tg') = '{{}}' AND NOT jsonb_path_exists({name}, "
            f'\'$.* ? (@.type() != "string" || @ == "")\') AND {name}::text IS NFC NORMALIZED',
        )
    fill_search_keys(op.get_bind())


def fill_search_keys(connection: sa.Connection) -> None:
    """Titles, cities and speakers, folded as a search folds what is typed: nothing that SQL could do."""
    texts = sa.text("""
        SELECT event.id, jsonb_path_query_array(jsonb_build_array(title, city), '$[*].*') AS words,
               jsonb_path_query_array(coalesce(jsonb_agg(speaker.name) FILTER (WHERE speaker.id IS NOT NULL), '[]'),
                                      '$[*].*') AS speakers
        FROM event LEFT JOIN speaker ON speaker.event_id = event.id GROUP BY event.id
    """)
    for event, words, speakers in connection.execute(texts).all():
        key = search_key(" ".join([*words, *speakers]))
        connection.execute(sa.text("UPDATE event SET search_key = :key WHERE id = :id"), {"key": key, "id": event})


def downgrade() -> None:
    op.drop_column("registration", "answers")
    op.drop_column("event", "reminders")
    op.drop_column("event", "waiting_list")
    op.drop_column("event", "search_key")
    op.drop_column("event", "cancelled_because")
    op.drop_column("event", "contact")
    op.drop_column("event", "spoken")
    op.drop_column("event", "accessibility")
    op.drop_column("event", "bring")
    op.drop_column("event", "map_link")
    op.drop_table("question")
    op.drop_table("unsubscription")
    op.drop_table("consent_wording")
