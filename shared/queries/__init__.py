"""Reads that a page, an export or a task needs. Nothing here writes.

May import models, database and the words below them (tickets, tokens, i18n, fold).
"""
