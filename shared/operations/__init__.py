"""Writes: one function per use case, one module per subject.

`db` first, the rest by keyword; returns domain objects, raises DomainError, may flush, never commits, knows no request.
May import queries, outbox, models and everything below them.
"""
