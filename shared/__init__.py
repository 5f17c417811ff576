"""What the service is: words, tables, and a room for each subject with what is read and changed there.

May import: the standard library and its own dependencies, neither Flask nor Celery, no HTTP and no SMTP. Inside,
imports run one way only: docs/architecture.md lists the floors and the order of the rooms, and
tests/test_architecture.py enforces them.
"""
