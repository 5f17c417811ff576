"""Background work: ticks of Celery in; emails and compiled reports out.

May import shared and Celery, never Flask and never web.
"""
