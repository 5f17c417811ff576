"""Runs migrations in one transaction, on the connection that the caller hands over in `config.attributes`."""

from alembic import context

from shared.models import Event

context.configure(connection=context.config.attributes["connection"], target_metadata=Event.metadata)
with context.begin_transaction():
    context.run_migrations()
