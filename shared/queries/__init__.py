"""Read-only queries for a page, an export or a task.

May import models, database and the words below them (tickets, tokens, i18n, fold).
"""
