"""The outbox: side effects as rows, their kinds and outcomes, and whether the worker empties it."""
