"""What happens later: ticks of Celery in; mails and compiled reports out.

May import shared and Celery, never Flask and never web.
"""
