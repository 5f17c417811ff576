"""The web tier: HTTP in; HTML, JSON or a file out.

May import shared and Flask, never Celery and never worker: the web tier enqueues emails, the worker sends them.
"""
