"""The heartbeats of worker and scheduler, which show that they run.

The statement is text, since the scheduler speaks to PostgreSQL without SQLAlchemy.
"""

WORKER, SCHEDULER = "worker", "scheduler"

EVERY_SECONDS = 10

RECORD = f"""
    INSERT INTO pulse (part, at) VALUES (%(part)s, now())
    ON CONFLICT (part) DO UPDATE SET at = now() WHERE pulse.at < now() - interval '{EVERY_SECONDS} seconds'
"""  # noqa: S608 - a constant
"""On the database's clock; nothing is written again within those seconds."""
