"""Alembic's entry: it is handed an open connection and runs in that transaction."""

from alembic import context

from pipeline.adapters.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
