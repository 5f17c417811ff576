"""Alembic's house: one line of versions, each up and down."""
